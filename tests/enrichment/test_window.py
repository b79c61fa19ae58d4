from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from enrichment.window import LARGEST, LOW_HORIZON, Claimant, Lane, share, window

ANY = LARGEST  # a window of the low lane that does not matter

claimants = st.lists(
    st.builds(
        Claimant,
        st.integers(1, 10**6),
        st.integers(1, 5),
        st.integers(0, 500),
        st.sampled_from(Lane),
    ),
    max_size=8,
    unique_by=lambda claimant: claimant.job,
)


def low(job: int, outstanding: int = 0) -> Claimant:
    return Claimant(job, 1, outstanding, Lane.LOW)


def held(jobs: list[Claimant]) -> Counter[Lane]:
    """What the lanes have outstanding when there are no other jobs."""
    total: Counter[Lane] = Counter()
    for one in jobs:
        total[one.lane] += one.outstanding
    return total


@given(st.floats(0, 1e4), st.integers(0, 10_000))
def test_the_window_holds_two_minutes_of_work_within_its_bounds(rate: float, permits: int) -> None:
    assert min(2 * permits + 10, LARGEST) <= window(rate, permits) <= LARGEST


def test_the_window_of_a_fresh_pool_keeps_every_permit_busy() -> None:
    assert window(rate=0, permits=250) == 510


def test_the_window_grows_with_throughput() -> None:
    assert window(rate=12.5, permits=25) == 1_500


@given(st.floats(0, 1e4), st.integers(0, 10_000))
def test_the_low_lane_may_always_have_its_tenth(rate: float, permits: int) -> None:
    assert window(rate, permits, LOW_HORIZON) >= window(rate, permits) // 10


@given(st.integers(-5, 300), claimants)
def test_all_credit_is_given_out_and_never_more(credit: int, jobs: list[Claimant]) -> None:
    given_out = sum(share(credit, jobs, held(jobs), ANY).values())
    assert given_out == (max(credit, 0) if jobs else 0)


def test_a_small_new_job_passes_a_large_one() -> None:
    assert share(10, [Claimant(1, 1, 400), Claimant(2, 1, 0)], {Lane.NORMAL: 400}, ANY) == {2: 10}


def test_jobs_share_by_weight() -> None:
    assert share(9, [Claimant(1, 1, 0), Claimant(2, 2, 0)], {}, ANY) == {1: 3, 2: 6}


def test_jobs_of_the_low_lane_share_by_weight_too() -> None:
    jobs = [low(1), Claimant(2, 2, 0, Lane.LOW)]
    assert share(9, jobs, {}, ANY) == {1: 3, 2: 6}


def test_a_normal_job_passes_all_of_the_low_lane() -> None:
    jobs = [low(job, outstanding=20) for job in range(1, 21)]
    assert share(50, [*jobs, Claimant(99, 1, 0)], held(jobs), ANY) == {99: 50}


def test_the_low_lane_has_all_that_nobody_else_wants() -> None:
    assert share(50, [low(1)], {Lane.NORMAL: 400}, ANY) == {1: 50}


@given(st.integers(0, 200), st.integers(1, 30))
def test_the_low_lane_never_starves(normal: int, credit: int) -> None:
    """However little each tick has to give, and however much the normal lane wants."""
    counts = Counter({Lane.NORMAL: normal})
    for _ in range(normal + 20):
        jobs = [Claimant(1, 1, counts[Lane.NORMAL]), low(2, counts[Lane.LOW])]
        quotas = share(credit, jobs, counts, ANY)
        counts += Counter({Lane.NORMAL: quotas.get(1, 0), Lane.LOW: quotas.get(2, 0)})
    assert counts[Lane.LOW] >= counts.total() // 10


def test_even_single_units_go_to_the_normal_lane_nine_times_of_ten() -> None:
    counts: Counter[Lane] = Counter()
    for _ in range(100):
        jobs = [Claimant(1, 1, counts[Lane.NORMAL]), low(2, counts[Lane.LOW])]
        (job,) = share(1, jobs, counts, ANY)
        counts[Lane.NORMAL if job == 1 else Lane.LOW] += 1
    assert counts == {Lane.NORMAL: 90, Lane.LOW: 10}


def test_the_low_lane_leaves_room_for_what_may_come() -> None:
    assert share(100, [low(1)], {Lane.LOW: 370}, low_window=375) == {1: 5}
    assert share(100, [low(1)], {Lane.LOW: 400}, low_window=375) == {}


def test_ended_jobs_count_for_their_lane() -> None:
    """Else many small jobs, each sent as a whole, would fill the window of the low lane over."""
    assert share(10, [low(2)], {Lane.LOW: 375}, low_window=375) == {}
