"""Both runbooks have a section for each alarm, and what they tell people to run exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.db import connection

from mangaassist.alarms.definitions import Alarm, Severity
from mangaassist.alarms.parsing import defined
from tests.mangaassist.alarms.test_provoked import PROVOKED

ROOT = Path(__file__).parent.parent
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
JAPANESE = (ROOT / "docs" / "runbook.ja.md").read_text(encoding="utf-8")
KINDS = sorted({alarm.kind for alarm in defined().values()})
SEVERITIES = {Severity.CRITICAL: "重大", Severity.WARNING: "警告"}


def sections(text: str) -> dict[str, str]:
    """By their headings, in their order."""
    parts = re.split(r"^#{2,3} ", text, flags=re.M)
    return {part.partition("\n")[0]: part for part in parts}


SECTIONS, JAPANESE_SECTIONS = sections(RUNBOOK), sections(JAPANESE)


@pytest.mark.parametrize("kind", KINDS)
def test_an_alarm_has_its_section(kind: str) -> None:
    section, words = SECTIONS[kind], " ".join(SECTIONS[kind].split())
    alarms = [alarm for alarm in defined().values() if alarm.kind == kind]
    assert any(f"    {alarm.look}\n" in section for alarm in alarms)
    assert any(alarm.meaning.en in words for alarm in alarms)
    assert words.startswith(f"{kind} *{alarms[0].severity}* · {rule(alarms[0])} · ")
    assert f"provoked by `{PROVOKED[kind].happens.__name__}`" in words


def rule(alarm: Alarm) -> str:
    windows = f"{alarm.breaches} of {alarm.windows} windows of {alarm.period} s"
    return f"{windows} {alarm.comparison} {alarm.threshold:g}"


@pytest.mark.parametrize("kind", KINDS)
def test_its_section_in_japanese_says_the_same(kind: str) -> None:
    section, english = JAPANESE_SECTIONS[kind], SECTIONS[kind]
    alarms = [alarm for alarm in defined().values() if alarm.kind == kind]
    assert any(alarm.meaning.ja in section for alarm in alarms)
    assert section.startswith(f"{kind}\n\n*{SEVERITIES[alarms[0].severity]}* · ")
    assert rule_in_japanese(alarms[0]) in section
    assert paragraphs(section) == paragraphs(english)
    assert commands(section) == commands(english)
    assert set(re.findall(r"`([^`]+)`", section)) == set(re.findall(r"`([^`]+)`", english))


def rule_in_japanese(alarm: Alarm) -> str:
    windows = f"{alarm.period}秒の窓{alarm.windows}個のうち{alarm.breaches}個で"
    return f" · {windows} {alarm.comparison} {alarm.threshold:g} · "


def commands(section: str) -> list[str]:
    return re.findall(r"^    .+$", section, flags=re.M)


def paragraphs(section: str) -> list[bool]:
    """Whether each is one of commands."""
    return [part.startswith("    ") for part in re.split(r"\n{2,}", section.rstrip())]


def test_both_have_the_same_alarms_in_the_same_order() -> None:
    assert order(JAPANESE_SECTIONS) == order(SECTIONS)


def order(found: dict[str, str]) -> list[str]:
    """Alarms by their names; other headings are translated."""
    return [heading if heading in KINDS else "" for heading in found]


@pytest.mark.parametrize("text", [RUNBOOK, JAPANESE], ids=["en", "ja"])
def test_every_link_leads_to_a_section(text: str) -> None:
    assert set(re.findall(r"\(#([a-z0-9-]+)\)", text)) <= set(SECTIONS)


def test_every_command_exists() -> None:
    mentioned = set(re.findall(r"manage\.py ([a-z_]+)", RUNBOOK + JAPANESE))
    assert mentioned <= set(get_commands())


def test_every_kind_that_a_command_names_exists() -> None:
    for line in re.findall(r"^    manage\.py alarms (.+)$", RUNBOOK, flags=re.M):
        assert set(line.split()) <= set(KINDS)


def test_every_test_and_module_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:tests|mangaassist|enrichment)/[\w/]+\.\w+)`", RUNBOOK + JAPANESE))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", sorted(set(re.findall(r'^    psql "\$DATABASE_URL" -c "(.+)"$', RUNBOOK, re.M)))
)
def test_every_statement_runs(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("%", "%%"))
