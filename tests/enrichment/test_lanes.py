"""What the lanes mean for those who wait, in virtual time."""

from __future__ import annotations

from bench._backlog import Backlog
from enrichment.window import LOW_HORIZON, Lane

RATE = 12.5  # items ended per second


def pool() -> Backlog:
    """25 calls at a time, of two seconds each."""
    return Backlog(lambda time: 25, lambda time: 2.0)


def test_a_small_urgent_job_does_not_wait_for_the_weekly_run() -> None:
    backlog = pool()
    weekly = backlog.submit(2_000, lane=Lane.LOW)
    backlog.run(20)
    urgent = backlog.submit(24)
    assert backlog.run_until_ended(urgent) - 20 <= LOW_HORIZON + 5
    # All of it is done as fast as without lanes.
    assert backlog.run_until_ended(weekly) <= (2_000 + 24) / RATE + 5


def test_the_weekly_run_goes_on_beside_a_large_job() -> None:
    backlog = pool()
    weekly, large = backlog.submit(100, lane=Lane.LOW), backlog.submit(3_000)
    assert backlog.run_until_ended(weekly) < backlog.run_until_ended(large) / 2
