"""The past of some metrics for charts: each minute of a week, hour of 90 days, day of 400 days."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max, Min, QuerySet, Sum
from django.db.models.functions import TruncDay, TruncHour, TruncMinute
from django.utils import timezone

from mangaassist import metrics
from mangaassist.metrics import histogram, samples
from mangaassist.models import HistoryPoint, MetricSample

KEPT = tuple(
    metric.name
    for metric in (
        metrics.QUEUE_VISIBLE, metrics.QUEUE_IN_FLIGHT, metrics.OLDEST_MESSAGE_AGE,
        metrics.DLQ_DEPTH, metrics.BACKLOG, metrics.CONCURRENCY_IN_USE, metrics.WORKERS,
        metrics.TASK_DURATION, metrics.TASK_FAILURES, metrics.COST_USD, metrics.BEDROCK_CALLS,
        metrics.BEDROCK_THROTTLES, metrics.REQUESTS_BY_LANGUAGE, metrics.HTTP_400,
        metrics.WS_ANSWERS, metrics.WS_FIRST_WORD, metrics.CHAT_FEEDBACK, metrics.CHAT_LOOK_UPS,
    )
)  # fmt: skip
LATE = timedelta(minutes=2)  # a process may report so long after the end of a minute
FIELDS = ("count", "total", "low", "high", "buckets")


@dataclass(frozen=True)
class Tier:
    """Stretches of one length. trunc: the begin of the one that an instant lies in."""

    length: timedelta
    kept_for: timedelta
    trunc: type[TruncMinute | TruncHour | TruncDay]

    @property
    def size(self) -> int:
        return int(self.length.total_seconds())

    @property
    def points(self) -> QuerySet[HistoryPoint]:
        return HistoryPoint.objects.filter(size=self.size)


MINUTE = Tier(timedelta(minutes=1), timedelta(days=7), TruncMinute)
HOUR = Tier(timedelta(hours=1), timedelta(days=90), TruncHour)
DAY = Tier(timedelta(days=1), timedelta(days=400), TruncDay)
TIERS = (MINUTE, HOUR, DAY)

Past = dict[tuple[str, str], list[HistoryPoint]]  # by name and dimensions, oldest first


def keep(now: datetime | None = None) -> int:
    """Keeper duty: writes what has been measured since the last time; returns how many points.

    What is not over yet is written again next time, so that several keepers may do it at once.
    """
    now = now or timezone.now()
    newest = MINUTE.points.aggregate(at=Max("at"))["at"]
    since = max(newest - LATE, now - samples.KEPT_FOR) if newest else now - samples.KEPT_FOR
    since = since.replace(second=0, microsecond=0)
    measured = MetricSample.objects.filter(name__in=KEPT, at__gte=since, at__lte=now)
    written = _write(MINUTE, measured)
    for below, tier in ((MINUTE, HOUR), (HOUR, DAY)):
        newest = tier.points.aggregate(at=Max("at"))["at"]
        rows = below.points.filter(at__gte=newest - tier.length) if newest else below.points
        written += _write(tier, rows)
    return written


def forget() -> None:
    """Keeper duty: deletes what is older than its tier keeps."""
    now = timezone.now()
    for tier in TIERS:
        tier.points.filter(at__lt=now - tier.kept_for).delete()


def read(names: Iterable[str], tier: Tier, since: datetime) -> Past:
    """All points of some metrics that begin at `since` or later, in one query."""
    found: Past = defaultdict(list)
    rows = tier.points.filter(name__in=set(names), at__gte=since)
    for point in rows.order_by("at"):
        found[point.name, point.dimensions].append(point)
    return found


def begins(tier: Tier, count: int, now: datetime) -> list[datetime]:
    """The begins of the last stretches, oldest first, with the one that is not over."""
    local = timezone.localtime(now)
    start = {"second": 0, "microsecond": 0}
    if tier is not MINUTE:
        start["minute"] = 0
    if tier is DAY:
        start["hour"] = 0
    last = local.replace(**start)  # type: ignore[arg-type]
    return [last - tier.length * back for back in reversed(range(count))]


def _write(tier: Tier, rows: QuerySet[Any]) -> int:
    """Sums rows up by the tier's stretches; a point that is there is written over."""
    begun = rows.annotate(begin=tier.trunc("at")).order_by()
    filled = _buckets(begun)
    sums = begun.values_list("name", "dimensions", "begin").annotate(
        Sum("count"), Sum("total"), Min("low"), Max("high")
    )
    # In one order, so that two keepers cannot lock each other out.
    points = [
        HistoryPoint(
            name=name, dimensions=dimensions, size=tier.size, at=begin, count=count, total=total,
            low=low, high=high, buckets=filled.get((name, dimensions, begin)),
        )
        for name, dimensions, begin, count, total, low, high in sorted(sums)
    ]  # fmt: skip
    HistoryPoint.objects.bulk_create(
        points, batch_size=1_000, update_conflicts=True,
        unique_fields=["name", "dimensions", "size", "at"], update_fields=FIELDS,
    )  # fmt: skip
    return len(points)


def _buckets(rows: QuerySet[Any]) -> dict[tuple[str, str, datetime], histogram.Buckets]:
    found: dict[tuple[str, str, datetime], list[Mapping[str, int]]] = defaultdict(list)
    several = rows.filter(buckets__isnull=False)
    for name, dimensions, begin, one in several.values_list(
        "name", "dimensions", "begin", "buckets"
    ):
        found[name, dimensions, begin].append(one)
    return {stretch: histogram.merged(parts) for stretch, parts in found.items()}
