"""The script on a real Valkey: buckets, floors, leases and the adaptive factor."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from uuid import uuid4

import pytest
import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.limiter.local import Buckets
from mangaassist.limiter.quota import BURST, CUT, CUT_EVERY, LEAST_FACTOR, RECOVERY, Quota
from mangaassist.limiter.shared import Script
from mangaassist.pools import DEFERRED, ENRICHMENT, WEBSOCKET, Pool
from tests.mangaassist.limiter.conftest import Caller, Kept
from tests.stack import Stack

ENDLESS = Quota(1e6, 1e9)
steps = st.tuples(
    st.sampled_from(["acquire", "settle", "throttled"]),
    st.floats(0, 20, allow_subnormal=False),  # seconds that pass before it
    st.integers(0, 300),  # tokens
)


@settings(max_examples=40, deadline=None)
@given(
    quota=st.builds(Quota, requests=st.floats(0.1, 10), tokens=st.floats(1, 100)),
    floor=st.sampled_from([0.0, 0.3, 0.5]),
    history=st.lists(steps, min_size=1, max_size=8),
)
def test_valkey_and_the_process_agree_on_every_history(
    stack: Stack, quota: Quota, floor: float, history: list[tuple[str, float, int]]
) -> None:
    with redis.Redis.from_url(stack.common["REDIS_URL"], decode_responses=True) as valkey:
        kept = Kept(valkey, f"test-{uuid4()}")
        pool = replace(ENRICHMENT, floor=floor)
        caller = Caller(Script(stack.common["REDIS_URL"]), kept, quota, pool)
        for step, passes, tokens in history:
            kept.age(passes)
            buckets = Buckets(**kept.state)
            before = kept.now
            if step == "acquire":
                wait = caller.wait(tokens)
                if wait:  # A moment that only Valkey knows, between the two that are known.
                    least, most = (
                        replace(buckets).acquire(now, quota, floor, tokens).wait
                        for now in (kept.now, before)
                    )
                    assert least - 1e-3 <= wait <= most + 1e-3
                else:
                    assert buckets.acquire(kept.state["at"], quota, floor, tokens).wait == 0
            elif step == "settle":
                kept.lend(pool, "another's")
                caller.quota.settle("another's", tokens)
                if kept.state:
                    buckets.settle(tokens)
            else:
                cut = buckets.cut
                caller.quota.throttled()
                buckets.throttled(max(before, kept.state["cut"]), quota)
                assert (buckets.cut == cut) == (kept.state["cut"] == cut)
            for name, value in kept.state.items():
                assert value == pytest.approx(getattr(buckets, name), abs=1e-3)
        for key in valkey.keys(f"{{bedrock:{kept.model}}}*"):
            valkey.delete(key)


@pytest.mark.parametrize(("pool", "most"), [(WEBSOCKET, 20), (ENRICHMENT, 14), (DEFERRED, 10)])
def test_a_pool_leaves_its_floor_to_more_urgent_ones(
    script: Script, kept: Kept, pool: Pool, most: int
) -> None:
    quota = Quota(requests=20 / BURST, tokens=1e9)
    begun = time.monotonic()
    admitted = Caller(script, kept, quota, pool).admitted(25)
    assert most <= admitted <= most + quota.requests * (time.monotonic() - begun)


def test_processes_together_get_no_more_than_the_quota(stack: Stack, kept: Kept) -> None:
    quota = Quota(requests=50, tokens=1e9)
    callers = [Caller(Script(stack.common["REDIS_URL"]), kept, quota, WEBSOCKET) for _ in range(4)]
    begun = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        admitted = sum(threads.map(lambda caller: caller.admitted(60), callers))
    most = quota.requests * (BURST + time.monotonic() - begun)
    assert quota.requests * BURST <= admitted <= most


def test_who_waits_as_told_is_admitted(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=10))
    kept.put(requests=1.0, tokens=4.0)
    wait = caller.wait(10)
    assert wait > 0
    kept.age(wait)
    assert caller.wait(10) == 0


def test_a_call_that_is_larger_than_the_burst_goes_some_time(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=1))
    kept.put(requests=1.0, tokens=0.0)
    kept.age(10_000)
    assert caller.wait(1_000) == 0


def test_a_refusal_charges_nothing(script: Script, kept: Kept) -> None:
    kept.put(requests=0.5, tokens=10.0)
    before = kept.state
    assert Caller(script, kept).wait() > 0
    assert kept.state == before


def test_settling_gives_back_what_was_not_used(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=100))
    assert caller.wait(100, "lease") == 0
    caller.quota.settle("lease", 70)
    assert kept.state["tokens"] == pytest.approx(BURST * 100 - 30, abs=1)
    assert kept.in_use(ENRICHMENT) == 0


def test_a_lease_that_is_settled_again_gives_nothing_more(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=100))
    assert caller.wait(100, "lease") == 0
    for _ in range(2):
        caller.quota.settle("lease", 70)
    assert kept.state["tokens"] == pytest.approx(BURST * 100 - 30, abs=1)


def test_using_more_than_estimated_leaves_a_debt(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=100, tokens=100))
    assert caller.wait(100, "lease") == 0
    caller.quota.settle("lease", -500)
    assert kept.state["tokens"] < -300
    assert caller.wait(1) > 3


def test_settling_after_valkey_lost_everything_leaves_the_buckets_full(
    script: Script, kept: Kept
) -> None:
    Caller(script, kept).quota.settle("lost", -500)
    assert kept.state == {}


def test_no_more_calls_run_than_the_pool_has_permits(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, ENDLESS, replace(ENRICHMENT, slots=1, parallel=2))
    assert caller.admitted(3) == 2


def test_pools_have_permits_of_their_own(script: Script, kept: Kept) -> None:
    Caller(script, kept, ENDLESS, replace(ENRICHMENT, slots=1, parallel=1)).admitted(2)
    assert Caller(script, kept, ENDLESS, WEBSOCKET).wait() == 0


def test_the_permit_of_a_killed_process_comes_back(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, ENDLESS, replace(ENRICHMENT, slots=1, parallel=1))
    assert caller.wait(seconds=30) == 0
    kept.age(29)
    assert caller.wait() > 0
    kept.age(1.1)
    assert caller.wait() == 0


def test_a_storm_of_throttles_is_one_cut(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept)
    for _ in range(20):
        caller.quota.throttled()
    assert kept.state["factor"] == CUT
    kept.age(CUT_EVERY)
    caller.quota.throttled()
    assert kept.state["factor"] == pytest.approx(CUT * (CUT + RECOVERY * CUT_EVERY), abs=1e-2)


def test_the_factor_has_a_floor_and_recovers(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, ENDLESS)
    for _ in range(20):
        kept.age(CUT_EVERY)
        caller.quota.throttled()
    assert kept.state["factor"] == LEAST_FACTOR
    assert factor(caller) == pytest.approx(LEAST_FACTOR, abs=1e-2)
    kept.age(100)
    assert factor(caller) == pytest.approx(LEAST_FACTOR + 0.5, abs=1e-2)
    kept.age(1_000)
    assert factor(caller) == 1


def test_a_throttle_empties_the_bucket_of_requests(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=1e9), WEBSOCKET)
    caller.quota.throttled()
    assert 0.1 < caller.wait() <= 1 / CUT


def test_a_clock_that_was_set_back_stops_nothing_from_flowing(script: Script, kept: Kept) -> None:
    caller = Caller(script, kept, Quota(requests=1, tokens=1e9), WEBSOCKET)
    later = kept.now + 3_600
    kept.put(requests=0.0, tokens=1.0, at=later, factor=0.5, cut=later)
    assert caller.wait() > 0
    kept.age(100)
    assert caller.wait() == 0
    assert kept.state["factor"] == 0.5
    caller.quota.throttled()
    assert kept.state["factor"] == pytest.approx(CUT * (0.5 + RECOVERY * 100), abs=1e-2)


def test_all_keys_of_a_model_lie_on_one_node_of_a_cluster(script: Script, kept: Kept) -> None:
    Caller(script, kept).wait()
    assert sorted(kept.valkey.keys(f"*{kept.model}*")) == [
        f"{{bedrock:{kept.model}}}:permits:enrichment",
        f"{{bedrock:{kept.model}}}:state",
    ]


def factor(caller: Caller) -> float:
    answer = caller.quota.acquire(uuid4().hex, 1, 30.0)
    assert answer
    return answer.factor
