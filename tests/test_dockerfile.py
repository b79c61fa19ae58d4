"""The Dockerfile by rules of ours; no engine builds it in the tests."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import Path

from django.conf import settings

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "Dockerfile").read_text(encoding="utf-8")


def instructions() -> list[tuple[str, str]]:
    """Each instruction and its words; comments gone, continued lines joined."""
    lines = re.sub(r"^#.*\n", "", TEXT, flags=re.MULTILINE).replace("\\\n", " ").splitlines()
    parts = [line.partition(" ") for line in lines if line.strip()]
    return [(name, " ".join(rest.split())) for name, _, rest in parts]


def stages() -> dict[str, list[tuple[str, str]]]:
    """The instructions of each stage, FROM first."""
    found: dict[str, list[tuple[str, str]]] = {}
    for name, rest in instructions():
        if name == "FROM":
            found[rest.rpartition(" AS ")[2]] = []
        found[list(found)[-1]].append((name, rest))
    return found


def copied() -> list[str]:
    """What is copied from the source tree."""
    copies = [rest for name, rest in instructions() if name == "COPY" and "--from=" not in rest]
    return [source for rest in copies for source in rest.split()[:-1]]


def test_packages_are_installed_in_stages_that_the_images_only_copy_from() -> None:
    for image in ("product", "stand-in"):
        assert not any("pip" in rest for name, rest in stages()[image] if name == "RUN")
        assert any(rest.startswith("--from=") for name, rest in stages()[image] if name == "COPY")


def test_every_stage_begins_with_an_image_of_a_version_or_an_earlier_stage() -> None:
    known: set[str] = set()
    for stage, [(_, begins), *_] in stages().items():
        image = begins.partition(" ")[0]
        assert image in known or re.fullmatch(r"[a-z/]+:(?!latest)[\w.-]+", image)
        known.add(stage)


def test_both_images_end_as_a_numbered_user_that_is_not_root() -> None:
    for image in ("product", "stand-in"):
        users = [rest for name, rest in stages()[image] if name == "USER"]
        assert users[-1:] == ["10001:10001"]


def test_the_product_is_what_is_built_when_no_target_is_named() -> None:
    assert list(stages())[-1] == "product"


def test_nothing_is_fetched_but_packages_of_the_locks_and_plugins_of_opensearch() -> None:
    assert not [name for name, _ in instructions() if name == "ADD"]
    assert "://" not in TEXT
    installs = [rest for name, rest in instructions() if name == "RUN" and "pip" in rest]
    assert installs
    assert all("--require-hashes" in rest for rest in installs)
    assert [rest for name, rest in stages()["opensearch"] if name == "RUN"] == [
        "opensearch-plugin install --batch analysis-icu analysis-kuromoji"
    ]


def test_everything_copied_is_there_and_reaches_the_engine() -> None:
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    sent = [line[1:] for line in lines if line.startswith("!")]
    for source in copied():
        assert (ROOT / source).exists()
        assert any(fnmatch(source, name) or source.startswith(f"{name}/") for name in sent)


def test_requirements_are_installed_under_the_name_by_which_they_were_copied() -> None:
    for stage in stages().values():
        targets = {Path(rest.split()[0]).name for name, rest in stage if name == "COPY"}
        wanted = {
            found
            for name, rest in stage
            if name == "RUN"
            for found in re.findall(r"--requirement (\S+)", rest)
        }
        assert wanted <= targets


def test_every_app_of_ours_is_in_the_product() -> None:
    ours = [app for app in settings.INSTALLED_APPS if (ROOT / app).is_dir()]
    assert ours
    assert set(ours) <= set(copied())
