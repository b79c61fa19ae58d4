"""Permits limit calls, not threads; the tally counts what was finished."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mangaassist import activity
from mangaassist.activity import Permits, Tally


@pytest.fixture
def quiet() -> Iterator[None]:
    """Leaves this process's own activity as it was."""
    pool, permits = activity.pool, activity.permits
    yield
    activity.pool, activity.permits = pool, permits


def test_no_more_calls_run_than_there_are_permits() -> None:
    permits, most, lock = Permits(3), 0, threading.Lock()
    three_inside = threading.Barrier(3)

    def call() -> None:
        nonlocal most
        with permits.held(), permits.used():
            three_inside.wait()
            with lock:
                most = max(most, permits.in_use)
            three_inside.wait()

    threads = [threading.Thread(target=call) for _ in range(9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, permits.in_use) == (3, 0)


def test_a_call_that_fails_gives_its_permit_back() -> None:
    permits = Permits(1)
    with pytest.raises(ValueError, match="failed"), permits.held(), permits.used():
        raise ValueError("failed")
    with permits.held(), permits.used():
        assert permits.in_use == 1


def test_whoever_waits_with_a_permit_makes_no_call() -> None:
    permits = Permits(1)
    with permits.held():
        assert permits.in_use == 0


def test_the_tally_counts_both_ends() -> None:
    tally = Tally()
    for failed in (False, True, False):
        tally.add(failed)
    assert (tally.done, tally.failed) == (2, 1)


@pytest.mark.usefixtures("quiet")
def test_a_process_begins_with_its_pool_and_permits() -> None:
    activity.begin("enrichment", 20)
    assert (activity.pool, activity.permits.limit) == ("enrichment", 20)
