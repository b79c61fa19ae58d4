"""Which slots of a weekly schedule are due."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.schedule import Due, Weekly, due, expected

TOKYO = ZoneInfo("Asia/Tokyo")
MONDAYS = Weekly(0, time(10), TOKYO, catch_up=timedelta(hours=6))
SLOT = datetime(2026, 11, 23, 10, tzinfo=TOKYO)  # a Monday
WEEK = timedelta(days=7)
HOUR = timedelta(hours=1)

moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))


def test_a_slot_is_at_ten_in_japan() -> None:
    assert MONDAYS.last(SLOT + HOUR).astimezone(UTC) == datetime(2026, 11, 23, 1, tzinfo=UTC)


@given(moments, st.integers(0, 6), st.times())
def test_every_moment_lies_between_two_slots(now: datetime, weekday: int, at: time) -> None:
    schedule = Weekly(weekday, at, TOKYO, HOUR)
    last, following = schedule.last(now), schedule.next(now)
    assert last <= now < following == last + WEEK
    assert (following.weekday(), following.timetz().replace(tzinfo=None)) == (weekday, at)


def test_a_slot_keeps_its_hour_where_clocks_are_changed() -> None:
    berlin = Weekly(6, time(10), ZoneInfo("Europe/Berlin"), HOUR)
    before = datetime(2026, 10, 24, tzinfo=UTC)
    slots = [berlin.next(before), berlin.next(before + WEEK)]
    assert [slot.astimezone(UTC).hour for slot in slots] == [9, 9]
    assert berlin.last(before).astimezone(UTC).hour == 8


def test_nothing_is_due_before_its_time_or_when_it_is_begun() -> None:
    assert due(MONDAYS, SLOT - HOUR, SLOT - WEEK) == Due()
    assert due(MONDAYS, SLOT + HOUR, SLOT) == Due()


@pytest.mark.parametrize("late", [timedelta(0), HOUR, 6 * HOUR])
def test_a_slot_is_caught_up_for_some_hours(late: timedelta) -> None:
    assert due(MONDAYS, SLOT + late, SLOT - WEEK) == Due(SLOT)


def test_later_it_is_missed() -> None:
    assert due(MONDAYS, SLOT + 7 * HOUR, SLOT - WEEK) == Due(None, (SLOT,))


def test_after_weeks_all_are_missed_but_the_one_that_is_due() -> None:
    begun = SLOT - 3 * WEEK
    assert due(MONDAYS, SLOT + HOUR, begun) == Due(SLOT, (SLOT - WEEK, SLOT - 2 * WEEK))


def test_a_new_schedule_has_missed_nothing() -> None:
    assert due(MONDAYS, SLOT + 7 * HOUR, None) == Due()
    assert due(MONDAYS, SLOT + HOUR, None) == Due(SLOT)


@pytest.mark.parametrize(
    ("now", "ended", "run"),
    [
        (SLOT - HOUR, False, SLOT),  # it is to come
        (SLOT + HOUR, False, SLOT),  # it is going on
        (SLOT + HOUR, True, SLOT + WEEK),  # it was full
        (SLOT + 7 * HOUR, False, SLOT + WEEK),  # no keeper lived
    ],
)
def test_a_mark_knows_its_run(now: datetime, ended: bool, run: datetime) -> None:
    assert expected(MONDAYS, SLOT - 2 * HOUR, now, ended) == run
