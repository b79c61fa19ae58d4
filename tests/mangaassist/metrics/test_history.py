"""The past of metrics: each minute once, summed up to hours and days, and forgotten in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from mangaassist import metrics
from mangaassist.metrics import history, samples
from mangaassist.metrics.history import DAY, HOUR, MINUTE, Tier
from mangaassist.metrics.registry import Measured, Metric
from mangaassist.models import HistoryPoint

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 3, 30, 15, tzinfo=UTC)
QUEUE = (("Queue", "q"),)
POOL = (("Pool", "enrichment"),)


def ago(**stretch: float) -> datetime:
    return NOW - timedelta(**stretch)


def measure(at: datetime, *values: float, metric: Metric = metrics.QUEUE_VISIBLE) -> None:
    dimensions = POOL if metric.dimensions == ("Pool",) else QUEUE
    samples.write([Measured(metric, dimensions, list(values))], at)


def points(tier: Tier, metric: Metric = metrics.QUEUE_VISIBLE) -> list[HistoryPoint]:
    found = history.read([metric.name], tier, ago(days=500))
    return [point for several in found.values() for point in several]


def test_a_minute_has_what_all_processes_measured_in_it() -> None:
    measure(ago(seconds=10), 4)
    measure(ago(seconds=5), 8)
    history.keep(NOW)
    [point] = points(MINUTE)
    assert (point.at, point.average, point.low, point.high) == (ago(seconds=15), 6, 4, 8)


def test_a_minute_is_written_once_however_often_it_is_kept() -> None:
    measure(ago(minutes=5), 4)
    measure(ago(seconds=5), 4)
    for _ in range(2):
        history.keep(NOW)
    assert [point.count for point in points(MINUTE)] == [1, 1]
    assert [point.count for point in points(HOUR)] == [2]


def test_what_a_process_reports_late_still_counts() -> None:
    measure(ago(minutes=1), 1)
    history.keep(NOW)
    measure(ago(minutes=1), 3)
    history.keep(NOW)
    assert [point.total for point in points(MINUTE)] == [4]
    assert [point.total for point in points(HOUR)] == [4]


def test_a_keeper_that_was_away_catches_up() -> None:
    measure(ago(hours=23), 1)
    measure(ago(hours=2), 1)
    assert history.keep(NOW) == 2 + 2 + 2
    assert len(points(HOUR)) == 2


def test_days_are_those_of_the_store() -> None:
    measure(datetime(2026, 11, 24, 14, 59, tzinfo=UTC), 1)  # 23:59 in Tokyo
    measure(datetime(2026, 11, 24, 15, 1, tzinfo=UTC), 1)
    history.keep(NOW)
    assert [timezone.localtime(point.at).day for point in points(DAY)] == [24, 25]


def test_percentiles_are_of_all_values_of_a_stretch() -> None:
    measure(ago(minutes=20), *range(1, 96), metric=metrics.TASK_DURATION)
    measure(ago(minutes=10), *[5_000.0] * 5, metric=metrics.TASK_DURATION)
    history.keep(NOW)
    [hour] = points(HOUR, metrics.TASK_DURATION)
    assert hour.count == 100
    assert hour.percentile(95) == pytest.approx(95, rel=0.05)


def test_metrics_that_no_page_draws_are_not_kept() -> None:
    samples.write([Measured(metrics.PENDING, POOL, [1])], NOW)
    assert history.keep(NOW) == 0


def test_the_begins_of_stretches_are_those_of_their_points() -> None:
    measure(NOW, 1)
    history.keep(NOW)
    for tier in (MINUTE, HOUR, DAY):
        assert history.begins(tier, 2, NOW)[-1] == points(tier)[0].at


def test_old_points_are_forgotten_tier_by_tier() -> None:
    at = timezone.now() - timedelta(days=8)
    for tier in (MINUTE, HOUR, DAY):
        HistoryPoint.objects.create(
            name="QueueVisible", size=tier.size, at=at, count=1, total=1, low=1, high=1
        )
    history.forget()
    assert [point.size for point in HistoryPoint.objects.order_by("size")] == [3_600, 86_400]
