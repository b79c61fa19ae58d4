"""Buckets in Valkey and in the process: the same arithmetic, and limits without Valkey too."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import pytest
import redis
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from mangaassist.rates import (
    ERRORS_TO_OPEN,
    LOCAL_KEYS,
    OPEN_FOR,
    Breaker,
    Bucket,
    LocalBuckets,
    RateLimiter,
)
from tests.mangaassist.conftest import connections
from tests.stack import Stack

SLOW = Bucket(rate=0.001, burst=3)  # which nothing flows into while a test runs
steps = st.tuples(
    st.floats(0, 100, allow_subnormal=False),  # seconds that pass
    st.floats(0, 5, allow_subnormal=False),  # cost
)


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def valkey(stack: Stack) -> Iterator[redis.Redis]:
    with redis.Redis.from_url(stack.common["REDIS_URL"], decode_responses=True) as valkey:
        yield valkey


@pytest.fixture
def url(stack: Stack) -> str:
    return stack.common["REDIS_URL"]


def url_of(server: socket.socket) -> str:
    return f"redis://127.0.0.1:{server.getsockname()[1]}/0"


def waits(limiter: RateLimiter, key: str, times: int) -> list[bool]:
    return [limiter.take(key) > 0 for _ in range(times)]


@settings(max_examples=40, deadline=None)
@given(
    rate=st.floats(0.01, 100),
    burst=st.floats(5, 50),
    history=st.lists(steps, min_size=1, max_size=8),
)
def test_valkey_and_the_process_agree_on_every_history(
    stack: Stack,
    valkey: redis.Redis,
    rate: float,
    burst: float,
    history: list[tuple[float, float]],
) -> None:
    bucket, key = Bucket(rate, burst), f"test:{uuid4()}"
    limiter = RateLimiter(stack.common["REDIS_URL"], bucket)
    name = f"rate:{key}"
    limiter.take(key)
    tokens, at = state(valkey, name)
    for passes, cost in history:
        # The time passes by a change of the record, not by waiting. One that would be full again
        # within milliseconds may be gone already.
        assume(valkey.persist(name))
        valkey.hset(name, "at", f"{at - passes:.6f}")
        waited = limiter.take(key, cost)
        stored, now = state(valkey, name)
        tokens, wait = bucket.take(tokens, now - (at - passes), cost)
        assert waited == pytest.approx(wait, abs=1e-4)
        assert stored == pytest.approx(tokens, abs=1e-3)
        tokens, at = stored, now
    valkey.delete(name)


def state(valkey: redis.Redis, name: str) -> tuple[float, float]:
    record = valkey.hgetall(name)
    assume(record)
    return float(record["tokens"]), float(record["at"])


@given(
    st.builds(Bucket, rate=st.floats(0.1, 10), burst=st.floats(5, 10)),
    st.lists(steps, max_size=50),
)
@settings(max_examples=50, deadline=None)
def test_no_more_is_taken_than_the_burst_and_what_flows_in(
    bucket: Bucket, history: list[tuple[float, float]]
) -> None:
    tokens, taken, passed = bucket.burst, 0.0, 0.0
    for elapsed, cost in history:
        tokens, wait = bucket.take(tokens, elapsed, cost)
        passed += elapsed
        taken += 0 if wait else cost
        assert 0 <= tokens <= bucket.burst
        assert taken <= bucket.burst + passed * bucket.rate + 1e-3


def test_who_waits_as_told_is_admitted() -> None:
    bucket = Bucket(rate=0.7, burst=3)
    tokens, wait = bucket.take(0.1, 0.0, 2.3)
    assert wait > 0
    assert bucket.take(tokens, wait, 2.3)[1] == 0.0


def test_a_clock_that_goes_back_takes_nothing_away() -> None:
    assert Bucket(1, 5).take(3, -100, 1) == (2, 0.0)


def test_a_key_is_admitted_up_to_its_burst_and_then_waits(url: str) -> None:
    assert waits(RateLimiter(url, SLOW), f"test:{uuid4()}", 5) == [False] * 3 + [True] * 2


def test_keys_do_not_wait_for_each_other(url: str) -> None:
    limiter = RateLimiter(url, SLOW)
    waits(limiter, f"test:{uuid4()}", 5)
    assert limiter.take(f"test:{uuid4()}") == 0.0


def test_processes_share_a_bucket(url: str) -> None:
    key = f"test:{uuid4()}"
    waits(RateLimiter(url, SLOW), key, 3)
    assert RateLimiter(url, SLOW).take(key) > 0


def test_threads_share_a_bucket(url: str) -> None:
    limiter, key = RateLimiter(url, SLOW), f"test:{uuid4()}"
    with ThreadPoolExecutor(10) as threads:
        admitted = [wait == 0 for wait in threads.map(lambda _: limiter.take(key), range(30))]
    assert sum(admitted) == 3


def test_a_bucket_is_forgotten_when_it_would_be_full(url: str, valkey: redis.Redis) -> None:
    key = f"test:{uuid4()}"
    RateLimiter(url, Bucket(rate=2, burst=10)).take(key, 4)
    assert 1900 < valkey.pttl(f"rate:{key}") <= 2001


def test_a_cost_that_nobody_could_pay_is_an_error(url: str) -> None:
    with pytest.raises(ValueError, match="4"):
        RateLimiter(url, SLOW).take("key", 4)


@pytest.mark.parametrize("server", ["refusing", "silent"])
def test_the_rate_holds_without_valkey(server: str, silent: socket.socket) -> None:
    url = url_of(silent) if server == "silent" else "redis://127.0.0.1:9/0"
    assert waits(RateLimiter(url, SLOW), "key", 5) == [False] * 3 + [True] * 2


def test_a_silent_server_is_asked_no_more_after_three_errors(silent: socket.socket) -> None:
    waits(RateLimiter(url_of(silent), SLOW), "key", 100)
    assert connections(silent) == ERRORS_TO_OPEN


def test_the_way_into_local_rates_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    limiter = RateLimiter("redis://127.0.0.1:9/0", Bucket(1000, 1000))
    for _ in range(10):
        limiter.take("key")
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_an_open_breaker_lets_one_caller_try_after_a_while() -> None:
    clock = Clock()
    breaker = Breaker("rates", clock)
    for _ in range(ERRORS_TO_OPEN):
        assert breaker.closed()
        breaker.failed(ConnectionError())
    assert not breaker.closed()
    clock.now += OPEN_FOR
    assert [breaker.closed(), breaker.closed()] == [True, False]


def test_a_breaker_closes_when_the_try_succeeds() -> None:
    clock = Clock()
    breaker = Breaker("rates", clock)
    for _ in range(ERRORS_TO_OPEN):
        breaker.failed(ConnectionError())
    clock.now += OPEN_FOR
    assert breaker.closed()
    breaker.succeeded()
    assert [breaker.closed(), breaker.closed()] == [True, True]


def test_single_errors_do_not_open_a_breaker() -> None:
    breaker = Breaker("rates")
    for _ in range(10):
        breaker.failed(ConnectionError())
        breaker.succeeded()
    assert breaker.closed()


def test_the_process_remembers_only_the_latest_keys() -> None:
    clock = Clock()
    buckets = LocalBuckets(SLOW, clock)
    buckets.take("old", 3)
    for number in range(LOCAL_KEYS - 1):
        buckets.take(str(number), 1)
    assert buckets.take("old", 3) > 0  # The latest now.
    for number in range(LOCAL_KEYS):
        buckets.take(str(number), 1)
    assert buckets.take("old", 3) == 0


def test_threads_share_a_local_bucket() -> None:
    buckets, start = LocalBuckets(SLOW, Clock()), threading.Barrier(10)

    def take(_: int) -> bool:
        start.wait()
        return buckets.take("key", 1) == 0

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(take, range(10))) == 3
