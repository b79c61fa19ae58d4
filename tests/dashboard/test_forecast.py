"""Whether a queue drains and when, from what comes and ends."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dashboard.forecast import forecast, suppose
from mangaassist.pools import ENRICHMENT
from mangaassist.scaling.forecast import Forecast, Outlook
from mangaassist.scaling.plan import Load, Quota, Size

LOAD = Load(
    arrivals=0.0, backlog=600, ended=120, seconds=2.0, oldest=30, visible=100, living=1,
    blocked=False, quota=None,
)  # fmt: skip
SIZE = Size(ENRICHMENT, slots=5, least=1, most=25)  # 50 permits


def test_a_backlog_drains_as_fast_as_work_ends() -> None:
    assert forecast(LOAD, paused=False).seconds == 300


def test_what_still_comes_is_taken_off_the_pace() -> None:
    assert forecast(replace(LOAD, arrivals=1.0), paused=False).seconds == 600


def test_a_backlog_that_grows_will_not_drain() -> None:
    found = forecast(replace(LOAD, arrivals=2.5), paused=False)
    assert (found.outlook, found.growth) == (Outlook.GROWS, 30)


@pytest.mark.parametrize(
    ("load", "paused", "outlook"),
    [
        (None, False, Outlook.UNKNOWN),
        (replace(LOAD, backlog=0), True, Outlook.EMPTY),
        (replace(LOAD, living=0, ended=0), False, Outlook.NO_CONSUMERS),
        (replace(LOAD, blocked=True), False, Outlook.BLOCKED),
        (replace(LOAD, blocked=True), True, Outlook.PAUSED),
        (replace(LOAD, ended=2), False, Outlook.STALLED),
        (replace(LOAD, backlog=10_000_000), False, Outlook.STALLED),
    ],
)
def test_it_says_why_nothing_drains(load: Load | None, paused: bool, outlook: Outlook) -> None:
    assert forecast(load, paused=paused).outlook is outlook


def test_more_workers_drain_it_sooner() -> None:
    found = suppose(LOAD, SIZE, permits=50, more=1)
    assert found is not None
    assert (found.rate, found.binds) == (3_000, "workers")
    assert found.forecast == Forecast(Outlook.DRAINS, 12)


def test_more_workers_than_the_reserve_change_nothing() -> None:
    found = suppose(LOAD, SIZE, permits=50, more=9)
    assert found is not None
    assert (found.rate, found.binds) == (7_500, "reserve")


def test_more_workers_than_the_quota_feeds_change_nothing() -> None:
    quota = Quota(requests=600, tokens=1e9, factor=1.0, seconds=2.0, tokens_per_call=1_000)
    found = suppose(replace(LOAD, quota=quota), SIZE, permits=50, more=2)
    assert found is not None
    assert (round(found.rate), found.binds) == (660, "requests")


def test_nobody_knows_what_workers_would_do_with_work_that_never_ended() -> None:
    assert suppose(replace(LOAD, seconds=None), SIZE, permits=50, more=2) is None


def test_no_workers_at_all_end_nothing() -> None:
    found = suppose(replace(LOAD, living=0), SIZE, permits=0, more=0)
    assert found is not None
    assert found.forecast.outlook is Outlook.NO_CONSUMERS
