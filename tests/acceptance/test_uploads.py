"""Files from people, over the real API, through the real queue, to the real maintenance worker."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence

import pytest

from tests.acceptance.api import Api
from tests.acceptance.site import Site
from tests.enrichment.uploads.reading import SAMPLE, workbook

HEADER = ["作品ID", "タイトル", "ヨミ", "著者", "原作", "初出", "備考"]
VISIBLE_AGAIN = 150.0  # seconds; the poll of the dead reader may have taken the next message

Table = list[list[str]]


@pytest.fixture(scope="module")
def titles() -> Table:
    """Titles that CP932 can write."""
    rows = list(csv.reader(io.StringIO(SAMPLE.read_text(encoding="utf-8"))))[1:]
    return [
        row for row in rows if "?" not in "".join(row).encode("cp932", "replace").decode("cp932")
    ]


def text(rows: Sequence[Sequence[str]], delimiter: str = ",") -> str:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows([HEADER, *rows])
    return file.getvalue()


@pytest.fixture
def api(site: Site) -> Api:
    """The API of a site with a keeper, as an editor's program sees it."""
    site.start_keeper()
    return site.start_web()


def test_files_of_every_kind_are_read_alike_previewed_confirmed_and_enriched(
    site: Site, api: Api, titles: Table
) -> None:
    site.start_maintenance()
    site.start_workers(1)
    rows = titles[:20]
    objects = [dict(zip(HEADER, row, strict=True)) for row in rows]
    files = {
        ("csv", "cp932"): text(rows).encode("cp932"),
        ("csv", "utf-8-sig"): text(rows).encode("utf-8-sig"),
        ("tsv", "utf-16"): text(rows, "\t").encode("utf-16"),
        ("xlsx", ""): workbook(HEADER, *rows),
        ("json", "utf-8"): json.dumps(objects).encode(),
    }
    releases = [api.upload("新刊", content) for content in files.values()]
    found = [api.when_read(release) for release in releases]
    assert [(one["format"], one["encoding"]) for one in found] == list(files)
    read = [api.get(f"releases/{release}/rows/")["results"] for release in releases]
    told = [[(row["id"], row["titleJp"], row["firstPublished"]) for row in rows] for rows in read]
    assert all(one == told[0] for one in told)
    assert len(told[0]) == 20

    preview = api.post(f"releases/{releases[0]}/preview/", {})
    assert (preview["titles"], preview["admission"]["accepted"]) == (20, True)
    job = api.post(f"releases/{releases[0]}/confirm/", {})["id"]
    site.wait(lambda: api.get(f"jobs/{job}/")["state"] == "done")
    lines = api.text(f"jobs/{job}/export/?format=jsonl").splitlines()
    results = [json.loads(line)["results"] for line in lines]
    assert len(results) == 20
    assert all(one["synopsis_ja"] and one["tags_ja"] for one in results)


def test_a_file_is_read_once_though_its_reader_is_killed(
    site: Site, api: Api, titles: Table
) -> None:
    reader = site.start_maintenance()
    rows = [[f"{row[0]}-{n}", *row[1:]] for n in range(15) for row in titles[:1_900]]
    release = api.upload("large.csv", text(rows).encode())
    staged = "SELECT 1 FROM enrichment_releaserow WHERE release_id = %s LIMIT 1"
    site.wait(lambda: bool(site.rows(staged, release)))
    reader.kill()
    site.execute("UPDATE enrichment_release SET lease_until = now() WHERE state = 'staging'")
    site.start_maintenance()
    assert api.when_read(release, VISIBLE_AGAIN)["good_rows"] == len(rows)
    (counted,) = site.rows(
        "SELECT count(*), count(DISTINCT number) AS numbers FROM enrichment_releaserow"
        " WHERE release_id = %s", release,
    )  # fmt: skip
    assert counted == {"count": len(rows), "numbers": len(rows)}


def test_a_body_over_the_limit_leaves_no_release_behind(site: Site, api: Api) -> None:
    before = site.rows("SELECT count(*) FROM enrichment_release")
    answer = api.request("POST", "releases/", fields={"file": ("x.csv", b"x" * 53_000_000)})
    assert (answer.status, answer.json()["code"]) == (413, "request_too_large")
    assert site.rows("SELECT count(*) FROM enrichment_release") == before
