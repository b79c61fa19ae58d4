"""The plan: what a load needs, what caps it, and when the number of workers changes."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.scaling.plan import Cause, Load, Quiet, Quota, decide
from tests.mangaassist.scaling.loads import CALM, load, size

AMPLE = Quota(requests=1e9, tokens=1e12, factor=1, seconds=2, tokens_per_call=1_000)


def quota(**differing: float) -> Quota:
    return dataclasses.replace(AMPLE, **differing)


def test_the_runbooks_load_needs_its_twenty_one_calls_at_a_time() -> None:
    decision = decide(size(), load(arrivals=500 / 60), 1, CALM)
    assert decision.need == pytest.approx(500 / 60 * 2 / 0.8)
    assert (decision.wanted, decision.cause) == (21, Cause.MORE_NEEDED)


def test_a_backlog_is_to_be_gone_in_ten_minutes() -> None:
    assert decide(size(), load(backlog=2_400), 1, CALM).need == pytest.approx(10)


def test_a_worker_of_several_slots_counts_as_all_its_permits() -> None:
    assert decide(size(slots=5, most=5), load(arrivals=500 / 60), 1, CALM).wanted == 5


def test_never_more_workers_than_the_reserve_holds() -> None:
    decision = decide(size(), load(arrivals=500), 1, CALM)
    assert decision.wanted == 25
    assert [(cap.name, cap.permits) for cap in decision.caps] == [("reserve", 25)]


@pytest.mark.parametrize(
    ("limits", "workers"),
    [
        (quota(requests=240), 9),  # 1.1 × 240 / 60 × 2 s = 8.8 calls at a time
        (quota(requests=480, factor=0.5), 9),
        (quota(tokens=240_000), 9),
        (quota(tokens=480_000, tokens_per_call=2_000), 9),
    ],
)
def test_workers_that_the_quota_cannot_feed_are_not_started(limits: Quota, workers: int) -> None:
    assert decide(size(), load(arrivals=20, quota=limits), 1, CALM).wanted == workers


def test_out_waits_until_the_last_change_shows() -> None:
    busy = load(arrivals=8)
    assert decide(size(), busy, 3, Quiet(59, 3_600)).cause == Cause.TOO_SOON_OUT
    assert decide(size(), busy, 3, Quiet(60, 3_600)).wanted == 20


def test_out_needs_no_wait_after_a_start() -> None:
    assert decide(size(), load(arrivals=8), 3, Quiet(float("inf"), 0)).wanted == 20


def test_in_is_one_worker_however_many_are_too_many() -> None:
    decision = decide(size(), load(), 20, CALM)
    assert (decision.wanted, decision.cause) == (19, Cause.FEWER_NEEDED)


@pytest.mark.parametrize("quiet", [Quiet(299, 3_600), Quiet(float("inf"), 299)])
def test_in_waits_until_fewer_are_enough_for_five_minutes(quiet: Quiet) -> None:
    decision = decide(size(), load(), 20, quiet)
    assert (decision.changes, decision.cause) == (False, Cause.TOO_SOON_IN)


def test_in_waits_until_seven_tenths_would_do() -> None:
    assert decide(size(), load(arrivals=2.9), 10, CALM).cause == Cause.STILL_NEEDED
    assert decide(size(), load(arrivals=2.7), 10, CALM).cause == Cause.FEWER_NEEDED


def test_few_workers_shrink_only_if_the_rest_has_room() -> None:
    assert decide(size(), load(arrivals=0.72), 3, CALM).cause == Cause.STILL_NEEDED  # 1.8 of 2
    assert decide(size(), load(arrivals=0.66), 3, CALM).cause == Cause.FEWER_NEEDED  # 1.65 of 2


def test_more_workers_than_allowed_become_fewer_though_the_load_needs_them() -> None:
    assert decide(size(most=10), load(arrivals=500), 12, CALM).wanted == 11


@pytest.mark.parametrize("workers", [1, 7, 25])
def test_without_measurements_nothing_changes(workers: int) -> None:
    decision = decide(size(), None, workers, CALM)
    assert (decision.wanted, decision.cause) == (workers, Cause.NOT_MEASURED)


def test_the_fewest_workers_start_without_measurements() -> None:
    assert decide(size(least=2), None, 0, CALM).wanted == 2


def test_the_first_workers_are_as_many_as_the_load_needs() -> None:
    assert decide(size(), load(arrivals=2), 0, CALM).wanted == 5
    assert decide(size(least=2), load(), 0, CALM).cause == Cause.BELOW_LEAST
    assert decide(size(), load(arrivals=2, blocked=True), 0, CALM).wanted == 1


def test_work_of_unknown_length_changes_nothing() -> None:
    decision = decide(size(), load(backlog=100, seconds=None), 3, CALM)
    assert (decision.wanted, decision.cause) == (3, Cause.NONE_ENDED)


def test_work_that_ends_unmeasured_shrinks_nothing() -> None:
    assert decide(size(), load(backlog=2, ended=0), 9, CALM).cause == Cause.NONE_ENDED


def test_a_piece_of_work_that_waits_for_its_time_keeps_no_worker() -> None:
    assert decide(size(), load(backlog=1, ended=0), 9, CALM).cause == Cause.FEWER_NEEDED


def test_a_pool_without_work_shrinks_though_nothing_says_how_long_work_takes() -> None:
    assert decide(size(), load(seconds=None), 3, CALM).wanted == 2


@pytest.mark.parametrize("measured", [{"arrivals": 50}, {}, {"oldest": 3_600}])
def test_a_blocked_pool_keeps_its_workers(measured: dict[str, Any]) -> None:
    decision = decide(size(), load(blocked=True, **measured), 3, CALM)
    assert (decision.wanted, decision.cause) == (3, Cause.BLOCKED)


@pytest.mark.parametrize("measured", [{"oldest": 901}, {"visible": 10_001}])
def test_overdue_work_gets_every_worker_there_may_be_at_once(measured: dict[str, Any]) -> None:
    decision = decide(size(), load(seconds=None, **measured), 3, Quiet(1, 1))
    assert (decision.wanted, decision.cause) == (25, Cause.OVERDUE)


loads = st.none() | st.builds(
    Load,
    arrivals=st.floats(0, 1e4),
    backlog=st.floats(0, 1e6),
    ended=st.integers(0, 10_000),
    seconds=st.none() | st.floats(0.01, 100),
    oldest=st.floats(0, 1e4),
    visible=st.floats(0, 1e5),
    living=st.integers(0, 50),
    blocked=st.booleans(),
    quota=st.none()
    | st.builds(
        Quota,
        requests=st.floats(1, 1e5),
        tokens=st.floats(1, 1e8),
        factor=st.floats(0.05, 1),
        seconds=st.floats(0.01, 100),
        tokens_per_call=st.floats(1, 1e5),
    ),
)


@given(loads, st.integers(0, 40), st.floats(0, 1e4), st.floats(0, 1e4), st.integers(1, 25))
def test_no_load_breaks_the_bounds_or_the_pace(
    measured: Load | None, current: int, change: float, low: float, slots: int
) -> None:
    most = 25 // slots
    decision = decide(size(slots, 1, most), measured, current, Quiet(change, low))
    assert current - 1 <= decision.wanted <= max(current, most)
    assert decision.wanted >= min(current, 1)
    if decision.wanted < current:
        assert min(change, low) >= 300
        assert measured is not None
