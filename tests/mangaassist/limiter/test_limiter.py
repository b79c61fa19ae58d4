"""A call's way through the limiter, with Redis, without it, and while it goes and comes."""

from __future__ import annotations

import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
import redis

from mangaassist import activity, limiter
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled
from mangaassist.limiter import shared
from mangaassist.limiter.limiter import LOCAL_QUOTA, Limiter
from mangaassist.limiter.quota import BURST, CUT, Quota, quota_of
from mangaassist.limiter.shared import Script
from mangaassist.metrics.registry import registry
from mangaassist.pools import ENRICHMENT, MAINTENANCE, WEBSOCKET
from tests.mangaassist.conftest import connections
from tests.mangaassist.limiter.conftest import Kept, OwnValkey

QUOTA = Quota(requests=100, tokens=100)
LEASE = 30.0  # seconds
REFUSING = "redis://127.0.0.1:9/0"


@pytest.fixture(autouse=True)
def of_the_test(kept: Kept, settings: Any) -> None:
    """The quota of the test's model, and metrics that have seen nothing yet."""
    settings.BEDROCK_QUOTAS = {kept.model: (6_000, 6_000)}
    registry.take()


def measured() -> dict[str, list[float]]:
    return {found.metric.name: found.values for found in registry.take()}


def permit(kept: Kept, tokens: int = 100, patience: float = 1.0) -> Any:
    return limiter.permit(kept.model, WEBSOCKET, tokens, lease=LEASE, patience=patience)


def local_limiter(url: str, quota: Quota = QUOTA) -> Limiter:
    return Limiter("local", ENRICHMENT, quota, Script(url))


def test_a_model_has_its_own_quota_or_that_of_all_others(settings: Any) -> None:
    settings.BEDROCK_QUOTA, settings.BEDROCK_QUOTAS = (60, 120), {"large": (600, 1_200)}
    assert quota_of("any") == Quota(requests=1, tokens=2)
    assert quota_of("large") == Quota(requests=10, tokens=20)


def test_a_pool_that_asks_no_model_has_no_limiter(script: Script) -> None:
    with pytest.raises(ValueError, match="maintenance"):
        Limiter("model", replace(MAINTENANCE, share=0.0), QUOTA, script)


def test_a_call_is_charged_what_it_used(kept: Kept) -> None:
    with permit(kept) as granted:
        assert kept.in_use(WEBSOCKET) == 1
        granted.settle(30)
    assert kept.state["tokens"] == pytest.approx(BURST * 100 - 30, abs=1)
    assert kept.in_use(WEBSOCKET) == 0


def test_a_call_is_settled_once(kept: Kept) -> None:
    with permit(kept) as granted:
        granted.settle(30)
        granted.settle(0)
    assert kept.state["tokens"] == pytest.approx(BURST * 100 - 30, abs=1)


@pytest.mark.parametrize(
    ("failure", "charged"),
    [
        (Temporary("cut", "The answer broke off."), 100),
        (Rejected("ValidationException", "Too long."), 0),
        (Misconfigured("AccessDeniedException", "No."), 0),
        (Throttled("ThrottlingException", "Busy."), 0),
    ],
)
def test_a_call_that_fails_is_charged_what_bedrock_may_have_used(
    kept: Kept, failure: Failure, charged: int
) -> None:
    with pytest.raises(type(failure)), permit(kept):
        raise failure
    assert kept.state["tokens"] == pytest.approx(BURST * 100 - charged, abs=2)
    assert kept.in_use(WEBSOCKET) == 0


def test_only_bedrocks_throttles_cut_the_factor(kept: Kept) -> None:
    with pytest.raises(Temporary), permit(kept):
        raise Temporary("cut", "The answer broke off.")
    assert "factor" not in kept.state
    with pytest.raises(Throttled), permit(kept):
        raise Throttled("ThrottlingException", "Busy.")
    assert kept.state["factor"] == CUT


def test_a_wait_within_the_patience_is_waited(kept: Kept) -> None:
    kept.put(requests=10.0, tokens=80.0)
    with permit(kept):
        pass
    found = measured()
    assert found["LimiterWait"][0] > 10
    assert (found["LimiterFactor"], found["LimiterDegraded"]) == ([1.0], [0.0])


def test_whoever_is_in_haste_waits_no_longer_for_a_permit_of_the_process(
    kept: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "permits", activity.Permits(1))
    with activity.permits.held(), pytest.raises(Throttled, match="permit") as refused:
        with limiter.permit(kept.model, WEBSOCKET, 1, lease=LEASE, patience=0.01, hasty=True):
            pytest.fail("The call went out.")
    assert refused.value.code == "limiter_busy"
    assert measured()["LimiterRefusals"] == [1]
    with activity.permits.held(0.0) as is_held:
        assert is_held


def test_a_wait_beyond_the_patience_is_refused_at_once_and_told(kept: Kept) -> None:
    kept.put(requests=10.0, tokens=-900.0)
    begun = time.monotonic()
    with pytest.raises(Throttled, match="wait for tokens") as refused, permit(kept, patience=8):
        pytest.fail("The call went out.")
    assert time.monotonic() - begun < 8
    assert refused.value.code == "limiter_busy"
    assert 8 < refused.value.wait < 12.1
    assert measured()["LimiterRefusals"] == [1]


def test_a_call_that_waits_for_the_quota_does_not_run(kept: Kept) -> None:
    running, line = list[int](), limiter.limiter_of(kept.model, WEBSOCKET)._line

    def call() -> None:
        with permit(kept, patience=10):
            running.append(activity.permits.in_use)

    thread = threading.Thread(target=call)
    with line.place(0):
        thread.start()
        while len(line._turns) < 2:
            time.sleep(0)
        assert (activity.permits.in_use, running) == (0, [])
    thread.join()
    assert (activity.permits.in_use, running) == (0, [1])


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("server", ["refusing", "silent"])
def test_without_redis_a_process_uses_its_static_share(
    server: str, silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = REFUSING if server == "refusing" else f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
    monkeypatch.setattr(activity, "permits", activity.Permits(ENRICHMENT.permits // 10))
    gate = local_limiter(url, Quota(requests=1_000, tokens=1e9))
    admitted = 0
    with pytest.raises(Throttled):
        while True:
            gate.admit(1, LEASE, patience=0.0)
            admitted += 1
    share = LOCAL_QUOTA * ENRICHMENT.share / 10 * 1_000
    assert share * BURST <= admitted <= share * (BURST + 2)
    assert measured()["LimiterDegraded"] == [1]


@pytest.mark.usefixtures("hasty")
def test_a_silent_redis_costs_every_call_one_timeout_at_most(
    silent: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared, "REST", 10.0)  # However slowly the threads start.
    gate = local_limiter(f"redis://127.0.0.1:{silent.getsockname()[1]}/0", Quota(1e6, 1e9))
    start = threading.Barrier(20)

    def ask(_: int) -> None:
        start.wait()
        gate.admit(1, LEASE, patience=5.0)

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(ask, range(20)))
    # Those behind the first learn from its error, so one connection was tried for all.
    assert connections(silent) == 1


def test_throttles_are_heard_without_redis_too() -> None:
    gate = local_limiter(REFUSING, Quota(1e6, 1e9))
    gate.admit(1, LEASE, 0.0).throttled()
    gate.admit(1, LEASE, 1.0)
    assert measured()["LimiterFactor"] == [pytest.approx(CUT, abs=0.01)]


def test_redis_dies_and_comes_back_empty(
    own_valkey: OwnValkey,
    kept: Kept,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shared, "REST", 0.0)  # Nothing to wait for when it is back.
    gate = Limiter(kept.model, WEBSOCKET, QUOTA, Script(own_valkey.url))
    gate.admit(10, LEASE, 0.0).throttled()
    granted = gate.admit(10, LEASE, 1.0)
    assert factor_and_degraded() == (pytest.approx(CUT, abs=0.01), 0)
    own_valkey.kill()
    local = gate.admit(10, LEASE, 0.0)
    assert factor_and_degraded() == (1, 1)
    granted.settle(5)
    assert "lease_not_settled" in caplog.text
    own_valkey.start()
    gate.admit(10, LEASE, 0.0)
    assert factor_and_degraded() == (1, 0)
    local.settle(0)
    with redis.Redis.from_url(own_valkey.url, decode_responses=True) as valkey:
        # A share is settled where it was charged, not in the buckets that are new.
        assert Kept(valkey, kept.model).state["tokens"] == pytest.approx(BURST * 100 - 10, abs=2)


def factor_and_degraded() -> tuple[object, object]:
    found = measured()
    return found["LimiterFactor"][0], found["LimiterDegraded"][0]
