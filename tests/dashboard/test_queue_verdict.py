"""The verdict on one queue: the worst reason decides, and says why."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.queue_verdict import QueueFacts, judge_queue
from dashboard.verdict import Level
from mangaassist.scaling.forecast import Forecast, Outlook

WELL = QueueFacts(
    pool="enrichment", forecast=Forecast(Outlook.EMPTY), backlog=0, oldest=0, dead_letters=0,
    used=10, blocked="", paused="",
)  # fmt: skip


def test_nothing_to_do_is_well_and_work_is_no_trouble() -> None:
    assert judge_queue(WELL).level is Level.WELL
    drains = replace(WELL, backlog=5, forecast=Forecast(Outlook.DRAINS, 60))
    assert judge_queue(drains).level is Level.BUSY


@pytest.mark.parametrize(
    ("facts", "level", "word"),
    [
        (replace(WELL, blocked="AccessDenied: no"), Level.CRITICAL, "AccessDenied"),
        (replace(WELL, forecast=Forecast(Outlook.NO_CONSUMERS)), Level.CRITICAL, "no worker"),
        (replace(WELL, oldest=901), Level.CRITICAL, "15 min"),
        (replace(WELL, oldest=360), Level.WARNING, "6 min"),
        (replace(WELL, paused="sato"), Level.WARNING, "sato"),
        (replace(WELL, dead_letters=2), Level.WARNING, "2 dead letters"),
        (replace(WELL, used=81), Level.WARNING, "81 %"),
        (replace(WELL, forecast=Forecast(Outlook.GROWS, growth=7)), Level.WARNING, "+7 a minute"),
        (replace(WELL, forecast=Forecast(Outlook.STALLED)), Level.WARNING, "nearly nothing"),
        (replace(WELL, forecast=Forecast(Outlook.UNKNOWN)), Level.WARNING, "keeper"),
    ],
)
def test_each_trouble_has_its_level_and_is_named(
    facts: QueueFacts, level: Level, word: str
) -> None:
    verdict = judge_queue(facts)
    assert verdict.level is level
    assert word in verdict.reasons[0].text.en


def test_the_worst_comes_first() -> None:
    facts = replace(WELL, dead_letters=1, forecast=Forecast(Outlook.NO_CONSUMERS))
    levels = [reason.level for reason in judge_queue(facts).reasons]
    assert levels == [Level.CRITICAL, Level.WARNING]


def test_a_pool_without_a_queue_is_judged_by_its_permits_alone() -> None:
    facts = replace(WELL, has_queue=False, forecast=Forecast(Outlook.UNKNOWN))
    assert judge_queue(facts).level is Level.WELL
