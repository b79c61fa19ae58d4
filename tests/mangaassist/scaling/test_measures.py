"""What is measured of a pool, from samples as processes write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from mangaassist import claude, metrics
from mangaassist.limiter.quota import quota_of
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured, Metric
from mangaassist.models import PoolState, WorkerBeat
from mangaassist.pools import DEFERRED, ENRICHMENT, MAINTENANCE
from mangaassist.scaling import measures
from mangaassist.scaling.plan import Load

pytestmark = pytest.mark.django_db

POOL = {"Pool": ENRICHMENT.name}
OTHER = claude.SONNET_46
QUEUE = {"Queue": ENRICHMENT.queue.name}


def measured(
    metric: Metric, *values: float, ago: float = 5, dimensions: dict[str, str] = POOL
) -> None:
    at = timezone.now() - timedelta(seconds=ago)
    in_order = tuple((name, dimensions[name]) for name in metric.dimensions)
    samples.write([Measured(metric, in_order, list(values))], at)


def backlog(then: float, now: float) -> None:
    measured(metrics.BACKLOG, then, ago=65)
    measured(metrics.BACKLOG, now)


def calls(model: str, count: int, seconds: float, tokens: tuple[int, int] = (900, 100)) -> None:
    of = {"ModelId": model, **POOL}
    measured(metrics.INVOCATION_LATENCY, *([seconds * 1_000] * count), dimensions=of)
    measured(metrics.INPUT_TOKENS, count * tokens[0], dimensions=of)
    measured(metrics.OUTPUT_TOKENS, count * tokens[1], dimensions=of)


def load() -> Load:
    found = measures.load(ENRICHMENT)
    assert found is not None
    return found


def test_arrivals_are_what_ended_and_what_the_backlog_grew() -> None:
    backlog(then=100, now=220)
    measured(metrics.TASK_DURATION, *([2_000] * 90), ago=5)
    measured(metrics.TASK_DURATION, *([4_000] * 30), ago=55)
    measured(metrics.TASK_DURATION, *([9_000] * 50), ago=90)  # before the minute
    found = load()
    assert (found.ended, found.backlog) == (120, 220)
    assert found.arrivals == pytest.approx(120 / 60 + 120 / 60, abs=0.01)
    assert found.seconds == pytest.approx(2.5)


def test_a_backlog_that_shrinks_faster_than_work_ends_is_no_arrival() -> None:
    backlog(then=5_000, now=0)
    assert load().arrivals == 0


def test_the_minute_is_as_long_as_the_samples_lie_apart() -> None:
    measured(metrics.BACKLOG, 0, ago=45)
    measured(metrics.BACKLOG, 80, ago=5)
    assert load().arrivals == pytest.approx(2, abs=0.01)


@pytest.mark.parametrize("agos", [(), (40, 100), (5,), (5, 20)])
def test_a_backlog_that_is_unknown_now_or_a_minute_ago_is_no_load(agos: tuple[int, ...]) -> None:
    for ago in agos:
        measured(metrics.BACKLOG, 10, ago=ago)
    assert measures.load(ENRICHMENT) is None


def test_other_pools_do_not_count() -> None:
    backlog(1, 1)
    measured(metrics.BACKLOG, 500, dimensions={"Pool": MAINTENANCE.name}, ago=1)
    measured(metrics.TASK_DURATION, 1_000, dimensions={"Pool": MAINTENANCE.name})
    found = load()
    assert (found.backlog, found.ended, found.seconds) == (1, 0, None)


def test_what_was_snoozed_or_stale_has_not_ended() -> None:
    backlog(1, 1)
    measured(metrics.TASK_DURATION, *([1_000] * 10))
    measured(metrics.SNOOZES, 4, dimensions={**POOL, "Code": "limiter_busy"})
    measured(metrics.SNOOZES, 1, dimensions={**POOL, "Code": "ThrottlingException"})
    measured(metrics.DUPLICATES, 2)
    assert load().ended == 3


def test_how_long_work_takes_is_remembered_for_ten_minutes() -> None:
    backlog(1, 1)
    measured(metrics.TASK_DURATION, 3_000, ago=500)
    found = load()
    assert (found.ended, found.seconds) == (0, 3)


def test_the_time_of_work_is_that_of_its_calls_without_its_wait_for_the_quota(
    settings: Any,
) -> None:
    backlog(1, 1)
    measured(metrics.TASK_DURATION, *([7_000] * 10))
    calls(settings.ENRICHMENT_MODEL, count=12, seconds=2)
    assert load().seconds == pytest.approx(12 * 2 / 10)  # Two answers were repaired.


def test_the_quota_is_that_of_the_model_with_the_means_of_its_calls(settings: Any) -> None:
    backlog(1, 1)
    model = settings.ENRICHMENT_MODEL
    measured(metrics.TASK_DURATION, *([2_000] * 10))
    calls(model, count=10, seconds=2, tokens=(900, 300))
    measured(metrics.LIMITER_FACTOR, 0.7, dimensions={"ModelId": model})
    quota = load().quota
    assert quota is not None
    allowed = quota_of(model)
    assert (quota.requests, quota.tokens) == (allowed.requests * 60, allowed.tokens * 60)
    assert (quota.factor, quota.seconds, quota.tokens_per_call) == (0.7, 2, 900 + 5 * 300)


def test_each_pool_goes_by_the_quota_of_its_own_model(settings: Any) -> None:
    settings.CHAT_MODEL = OTHER
    settings.BEDROCK_QUOTAS = {OTHER: (60, 60_000)}
    of = {"Pool": DEFERRED.name}
    for metric, value in ((metrics.INVOCATION_LATENCY, 2_000.0), (metrics.INPUT_TOKENS, 900.0)):
        measured(metric, value, dimensions={"ModelId": OTHER, **of})
    measured(metrics.BACKLOG, 1, ago=65, dimensions=of)
    measured(metrics.BACKLOG, 1, dimensions=of)
    found = measures.load(DEFERRED)
    assert found is not None
    assert found.quota is not None
    assert found.quota.requests == quota_of(OTHER).requests * 60


def test_a_pool_that_has_made_no_call_has_no_quota() -> None:
    backlog(1, 1)
    assert load().quota is None


def test_the_queue_is_measured_beside_the_pool() -> None:
    backlog(1, 1)
    measured(metrics.OLDEST_MESSAGE_AGE, 1_000, dimensions=QUEUE)
    measured(metrics.QUEUE_VISIBLE, 20_000, dimensions=QUEUE, ago=31)
    found = load()
    assert (found.oldest, found.visible) == (1_000, 0)  # One is fresh, and one is not.


def test_a_blocked_pool_is_blocked() -> None:
    backlog(1, 1)
    PoolState.objects.create(pool=ENRICHMENT.name, blocked_at=timezone.now())
    assert load().blocked


def test_living_workers_are_counted() -> None:
    backlog(1, 1)
    for worker, beat_at in (
        ("a", Now()),
        ("b", Now()),
        ("lost", datetime(2026, 1, 1).astimezone()),
    ):
        WorkerBeat.objects.create(
            worker=worker, pool=ENRICHMENT.name, permits=10, in_use=0, done=0, failed=0,
            started_at=Now(), beat_at=beat_at,
        )  # fmt: skip
    assert load().living == 2
