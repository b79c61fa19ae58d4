"""The verdict: the worst of all reasons decides."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.verdict import NO_KEEPER, NO_WORKERS, NOT_EVALUATED, Facts, Level, judge
from mangaassist.alarms.definitions import Severity
from mangaassist.messages import Texts

RINGING = Texts("鳴っています", "It rings")
WELL = Facts(alarms=[], blocked={}, keeper=True, evaluated=True, open_items=0, workers=1)


def test_a_quiet_system_is_well() -> None:
    assert judge(WELL).level is Level.WELL


def test_work_alone_is_no_trouble() -> None:
    assert judge(replace(WELL, open_items=3)).level is Level.BUSY


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (replace(WELL, keeper=False), NO_KEEPER),
        (replace(WELL, open_items=3, workers=0), NO_WORKERS),
        (replace(WELL, alarms=[(Severity.CRITICAL, RINGING)]), RINGING),
    ],
)
def test_what_stops_the_work_is_critical(facts: Facts, text: Texts) -> None:
    verdict = judge(facts)
    assert (verdict.level, verdict.reasons[0].text) == (Level.CRITICAL, text)


def test_a_blocked_pool_is_named_with_its_cause() -> None:
    verdict = judge(replace(WELL, blocked={"enrichment": "AccessDenied: no"}))
    assert verdict.level is Level.CRITICAL
    assert "enrichment" in verdict.reasons[0].text.ja
    assert "AccessDenied: no" in verdict.reasons[0].text.en


def test_a_paused_pool_is_a_warning_that_names_who_paused_it() -> None:
    verdict = judge(replace(WELL, paused={"enrichment": "sato"}))
    assert verdict.level is Level.WARNING
    assert "sato" in verdict.reasons[0].text.ja


def test_alarms_that_nobody_evaluates_are_a_warning() -> None:
    verdict = judge(replace(WELL, evaluated=False))
    assert (verdict.level, verdict.reasons[0].text) == (Level.WARNING, NOT_EVALUATED)


def test_the_worst_reason_comes_first() -> None:
    alarms = [(Severity.WARNING, RINGING), (Severity.CRITICAL, RINGING)]
    verdict = judge(replace(WELL, alarms=alarms, open_items=1))
    assert [reason.level for reason in verdict.reasons] == [Level.CRITICAL, Level.WARNING]


def test_no_workers_matter_only_to_work_that_waits() -> None:
    assert judge(replace(WELL, workers=0)).level is Level.WELL
