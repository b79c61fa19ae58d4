from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from enrichment.window import LARGEST, Claimant, share, window

claimants = st.lists(
    st.builds(Claimant, st.integers(1, 10**6), st.integers(1, 5), st.integers(0, 500)),
    max_size=8,
    unique_by=lambda claimant: claimant.job,
)


@given(st.floats(0, 1e4), st.integers(0, 10_000))
def test_the_window_holds_two_minutes_of_work_within_its_bounds(rate: float, permits: int) -> None:
    assert min(2 * permits + 10, LARGEST) <= window(rate, permits) <= LARGEST


def test_the_window_of_a_fresh_pool_keeps_every_permit_busy() -> None:
    assert window(rate=0, permits=250) == 510


def test_the_window_grows_with_throughput() -> None:
    assert window(rate=12.5, permits=25) == 1_500


@given(st.integers(-5, 300), claimants)
def test_all_credit_is_given_out_and_never_more(credit: int, jobs: list[Claimant]) -> None:
    assert sum(share(credit, jobs).values()) == (max(credit, 0) if jobs else 0)


def test_a_small_new_job_passes_a_large_one() -> None:
    assert share(10, [Claimant(1, 1, 400), Claimant(2, 1, 0)]) == {2: 10}


def test_jobs_share_by_weight() -> None:
    assert share(9, [Claimant(1, 1, 0), Claimant(2, 2, 0)]) == {1: 3, 2: 6}
