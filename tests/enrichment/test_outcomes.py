"""What a failure means for an item, as a table."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enrichment.outcomes import LONGEST_WAIT, backoff, outcome
from enrichment.states import State
from mangaassist.errors import Failure, Misconfigured, Refused, Rejected, Temporary, Throttled

LIMIT = 6


def after(failure: Failure, tries: int = 0) -> tuple[State, int, int]:
    """State, tries and snoozes that it comes to."""
    found = outcome(failure, tries, snoozes=0, limit=LIMIT)
    return found.state, found.tries, found.snoozes


@pytest.mark.parametrize(
    ("failure", "result"),
    [
        (Throttled("c", "m"), (State.PENDING, 0, 1)),
        (Misconfigured("c", "m"), (State.PENDING, 0, 1)),
        (Temporary("c", "m"), (State.PENDING, 1, 0)),
        (Rejected("c", "m"), (State.FAILED, 1, 0)),
        (Refused("c", "m"), (State.REFUSED, 1, 0)),
    ],
)
def test_every_class_of_failure_has_its_outcome(
    failure: Failure, result: tuple[State, int, int]
) -> None:
    assert after(failure) == result


def test_the_last_try_fails_the_item() -> None:
    assert after(Temporary("c", "m"), tries=LIMIT - 2) == (State.PENDING, 1, 0)
    assert after(Temporary("c", "m"), tries=LIMIT - 1) == (State.FAILED, 1, 0)


@given(st.integers(0, 10_000))
def test_being_busy_never_fails_an_item(snoozes: int) -> None:
    assert outcome(Throttled("c", "m"), LIMIT - 1, snoozes, LIMIT).state == State.PENDING


def test_an_outcome_says_why() -> None:
    found = outcome(Temporary("cut", "The line was cut."), LIMIT - 1, 0, LIMIT)
    assert found.code == "cut"
    assert found.message == f"The line was cut. (given up after {LIMIT} tries)"


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_a_wait_is_never_longer_than_a_minute(failures: int, jitter: float) -> None:
    assert timedelta(0) <= backoff(failures, lambda: jitter) <= timedelta(seconds=LONGEST_WAIT)


def test_the_longest_wait_doubles_with_every_failure() -> None:
    waits = [backoff(failures, lambda: 1.0).total_seconds() for failures in range(7)]
    assert waits == [2, 4, 8, 16, 32, 60, 60]


def test_an_item_comes_back_no_earlier_than_it_was_told() -> None:
    busy = Throttled("limiter_busy", "m", wait=12.5)
    assert outcome(busy, 0, 0, LIMIT, lambda: 0.0).wait == timedelta(seconds=12.5)
    assert outcome(busy, 0, 0, LIMIT, lambda: 1.0).wait == timedelta(seconds=14.5)


def test_a_blocked_pools_item_needs_no_wait_of_its_own() -> None:
    assert outcome(Misconfigured("c", "m"), 0, 5, LIMIT).wait == timedelta(0)
