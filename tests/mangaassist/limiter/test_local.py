"""The arithmetic of the buckets over hours of simulated time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.limiter.local import Buckets, LocalShare
from mangaassist.limiter.quota import BURST, LEAST_FACTOR, Quota

calls = st.tuples(
    st.floats(0, 20, allow_subnormal=False),  # seconds that pass before it
    st.integers(1, 300),  # tokens that are reserved
    st.integers(0, 300),  # and used
    st.booleans(),  # whether Bedrock throttles
)


@settings(max_examples=100, deadline=None)
@given(
    quota=st.builds(Quota, requests=st.floats(0.1, 10), tokens=st.floats(1, 100)),
    floor=st.floats(0, 0.9),
    history=st.lists(calls, max_size=40),
)
def test_no_more_is_admitted_than_the_burst_and_what_flows_in(
    quota: Quota, floor: float, history: list[tuple[float, int, int, bool]]
) -> None:
    buckets, now, requests, tokens = Buckets(), 0.0, 0, 0
    for passes, reserved, used, throttled in history:
        now += passes
        if not buckets.acquire(now, quota, floor, reserved).wait:
            requests += 1
            tokens += min(used, reserved)
            buckets.settle(max(0, reserved - used))
        if throttled:
            buckets.throttled(now, quota)
        assert requests <= max(BURST * quota.requests, 1 / (1 - floor)) + now * quota.requests + 0.1
        assert tokens <= max(BURST * quota.tokens, 300 / (1 - floor)) + now * quota.tokens + 0.1


@given(st.floats(0, 0.9), st.integers(1, 1_000), st.floats(-500, 20))
def test_who_waits_as_told_is_admitted(floor: float, cost: int, tokens: float) -> None:
    buckets, quota = Buckets(requests=0.0, tokens=tokens), Quota(0.7, 11.0)
    wait = buckets.acquire(0.0, quota, floor, cost).wait
    assert wait > 0
    assert buckets.acquire(wait + 1e-5, quota, floor, cost).wait == 0


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    buckets = Buckets(requests=5.0, tokens=5.0, at=100.0)
    assert buckets.acquire(0.0, Quota(10, 10), 0.0, 1).wait == 0
    assert (buckets.requests, buckets.tokens) == (4, 4)


def test_a_silently_halved_quota_is_found_and_used() -> None:
    calls, throttled = run(true=5.0, until=360.0)
    assert throttled / calls <= 0.02
    assert (calls - throttled) / (5.0 * 300) >= 0.97


def test_five_minutes_of_throttles_leave_a_trickle_that_grows_again() -> None:
    buckets, quota = Buckets(), Quota(10, 1e9)
    for tenth in range(3_000):
        if not buckets.acquire(tenth / 10, quota, 0.3, 1).wait:
            buckets.throttled(tenth / 10, quota)
    assert buckets.factor == LEAST_FACTOR
    assert buckets.acquire(300 + 190, quota, 0.3, 1).factor == pytest.approx(1, abs=0.02)


def test_a_true_quota_is_never_throttled() -> None:
    assert run(true=10.0, until=360.0)[1] == 0


def test_threads_share_what_a_process_has() -> None:
    share, start = LocalShare(lambda: 0.0), threading.Barrier(10)

    def ask(_: int) -> bool:
        start.wait()
        return share.acquire(1, Quota(3 / BURST, 1e9)).wait == 0

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(ask, range(10))) == 3


def run(true: float, until: float) -> tuple[int, int]:
    """Calls and throttled calls after the first minute, with ten a second configured.

    true: what Bedrock allows a second; it grants the allowance of five seconds at once.
    """
    buckets, quota = Buckets(), Quota(10.0, 1e9)
    now, level, calls, throttled = 0.0, 5 * true, 0, 0
    while now < until:
        wait = buckets.acquire(now, quota, 0.3, 1).wait
        if not wait:
            calls += now >= 60
            if level >= 1:
                level -= 1
            else:
                throttled += now >= 60
                buckets.throttled(now, quota)
        step = wait + 0.001
        now, level = now + step, min(5 * true, level + true * step)
    return calls, throttled
