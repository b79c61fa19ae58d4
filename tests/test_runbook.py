"""The runbook has a section for each alarm, and what it tells people to run exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands
from django.db import connection

from mangaassist.alarms.definitions import Alarm
from mangaassist.alarms.parsing import defined
from tests.mangaassist.alarms.test_provoked import PROVOKED

ROOT = Path(__file__).parent.parent
RUNBOOK = (ROOT / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = {
    section.partition("\n")[0]: section for section in re.split(r"^#{2,3} ", RUNBOOK, flags=re.M)
}
KINDS = sorted({alarm.kind for alarm in defined().values()})


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


def test_every_link_leads_to_a_section() -> None:
    assert set(re.findall(r"\(#([a-z0-9-]+)\)", RUNBOOK)) <= set(SECTIONS)


def test_every_command_exists() -> None:
    mentioned = set(re.findall(r"manage\.py ([a-z_]+)", RUNBOOK))
    assert mentioned <= set(get_commands())


def test_every_kind_that_a_command_names_exists() -> None:
    for line in re.findall(r"^    manage\.py alarms (.+)$", RUNBOOK, flags=re.M):
        assert set(line.split()) <= set(KINDS)


def test_every_test_and_module_that_is_named_exists() -> None:
    named = set(re.findall(r"`((?:tests|mangaassist|enrichment)/[\w/]+\.\w+)`", RUNBOOK))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "statement", sorted(set(re.findall(r'^    psql "\$DATABASE_URL" -c "(.+)"$', RUNBOOK, re.M)))
)
def test_every_statement_runs(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement.replace("%", "%%"))
