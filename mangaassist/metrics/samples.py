"""Measurements of all processes in the database, where alarms, autoscaler and pages read them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from mangaassist.metrics import histogram
from mangaassist.metrics.registry import Dimensions, Kind, Measured
from mangaassist.models import MetricSample

KEPT_FOR = timedelta(hours=24)
ADD_TO_TOTAL = """
INSERT INTO mangaassist_metrictotal (name, dimensions, count, total) VALUES (%s, %s, %s, %s)
ON CONFLICT (name, dimensions) DO UPDATE SET
    count = mangaassist_metrictotal.count + excluded.count,
    total = mangaassist_metrictotal.total + excluded.total
"""


@dataclass(frozen=True)
class Aggregate:
    """All values of a metric in one window of time."""

    count: int
    total: float
    low: float
    high: float
    latest: float
    buckets: Mapping[str, int] = field(default_factory=dict)

    @property
    def average(self) -> float:
        return self.total / self.count

    def percentile(self, percent: float) -> float:
        """Of a distribution. Raises ValueError for another metric."""
        return histogram.percentile(self.buckets, percent)


@dataclass(frozen=True)
class Windows:
    """Equal windows of time that end together. seconds: length of each; count: how many."""

    end: datetime
    seconds: float
    count: int

    @property
    def begin(self) -> datetime:
        return self.end - timedelta(seconds=self.seconds * self.count)

    def index(self, at: datetime) -> int:
        """Which window an instant falls into; 0 is the oldest. Its end belongs to a window."""
        back = (self.end - at).total_seconds()
        return self.count - 1 - int(back // self.seconds)


Samples = dict[tuple[str, str], list[MetricSample]]  # by name and dimensions, oldest first


def write(measured: Iterable[Measured], at: datetime) -> None:
    """Adds what a process has measured until `at`."""
    found = list(measured)
    MetricSample.objects.bulk_create([_sample(one, at) for one in found])
    totals = [one for one in found if one.metric.kind is not Kind.GAUGE]
    # One order for all processes, so that their transactions cannot lock each other out.
    rows = sorted(
        (one.metric.name, text(one.dimensions), _count(one), sum(one.values)) for one in totals
    )
    with connection.cursor() as cursor:
        cursor.executemany(ADD_TO_TOTAL, rows)


def text(dimensions: Dimensions | Mapping[str, str]) -> str:
    """Dimensions as rows have them: JSON, in the order of the metric's definition."""
    return json.dumps(dict(dimensions), ensure_ascii=False)


def read(names: Iterable[str], since: datetime, until: datetime) -> Samples:
    """All samples of some metrics after `since`, up to and with `until`, in one query."""
    found: Samples = {}
    rows = MetricSample.objects.filter(name__in=set(names), at__gt=since, at__lte=until)
    for sample in rows.order_by("at", "pk"):
        found.setdefault((sample.name, sample.dimensions), []).append(sample)
    return found


def series(samples: Iterable[MetricSample], windows: Windows) -> list[Aggregate | None]:
    """One aggregate for each window, oldest first; None where nothing was measured."""
    by_window: list[list[MetricSample]] = [[] for _ in range(windows.count)]
    for sample in samples:
        if windows.begin < sample.at <= windows.end:
            by_window[windows.index(sample.at)].append(sample)
    return [aggregate(inside) if inside else None for inside in by_window]


def latest(name: str, dimensions: Mapping[str, str], since: datetime) -> float | None:
    """The last value of a gauge after `since`; None when nobody has measured it."""
    rows = MetricSample.objects.filter(name=name, dimensions=text(dimensions), at__gt=since)
    return rows.order_by("-at", "-pk").values_list("total", flat=True).first()


def aggregate(samples: list[MetricSample]) -> Aggregate:
    """Of at least one sample, oldest first."""
    return Aggregate(
        count=sum(sample.count for sample in samples),
        total=sum(sample.total for sample in samples),
        low=min(sample.low for sample in samples),
        high=max(sample.high for sample in samples),
        latest=samples[-1].total / samples[-1].count,
        buckets=histogram.merged(sample.buckets for sample in samples if sample.buckets),
    )


def forget() -> int:
    """Keeper duty: deletes old samples."""
    return MetricSample.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()[0]


def _sample(one: Measured, at: datetime) -> MetricSample:
    spread: dict[str, Any] = {"low": min(one.values), "high": max(one.values)}
    if one.metric.kind is Kind.DISTRIBUTION:
        spread["buckets"] = histogram.buckets(one.values)
    return MetricSample(
        name=one.metric.name,
        dimensions=text(one.dimensions),
        at=at,
        count=_count(one),
        total=sum(one.values),
        **spread,
    )


def _count(one: Measured) -> int:
    return len(one.values)
