"""What was measured in the last windows of many alarms, in a few queries."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Case, Max, Min, QuerySet, Sum, Value, When

from mangaassist.alarms.definitions import Alarm, Series, Statistic
from mangaassist.alarms.expression import Values
from mangaassist.metrics import histogram
from mangaassist.models import MetricSample


@dataclass(frozen=True)
class Part:
    """What the processes measured of one metric and one set of dimensions in one window."""

    dimensions: Mapping[str, str]
    total: float
    count: int
    low: float
    high: float
    buckets: list[Mapping[str, int]] = field(default_factory=list)

    def belongs_to(self, series: Series) -> bool:
        return all(self.dimensions.get(name) == value for name, value in series.dimensions)


Parts = dict[tuple[str, int], list[Part]]  # by metric and window; 0 is the newest


def readings(alarms: Iterable[Alarm], now: datetime) -> dict[str, list[Values]]:
    """By name of the alarm its metrics' values in each of its windows, newest first."""
    by_period: dict[int, list[Alarm]] = defaultdict(list)
    for alarm in alarms:
        by_period[alarm.period].append(alarm)
    found: dict[str, list[Values]] = {}
    for period, group in by_period.items():
        parts = _parts(group, period, now)
        for alarm in group:
            found[alarm.name] = [_values(alarm, window, parts) for window in range(alarm.windows)]
    return found


def _values(alarm: Alarm, window: int, parts: Parts) -> Values:
    return {
        name: statistic(series, parts.get((series.metric, window), []))
        for name, series in alarm.metrics
    }


def statistic(series: Series, parts: Iterable[Part]) -> float | None:
    """One number for all parts that belong to the series; None without any."""
    mine = [part for part in parts if part.belongs_to(series)]
    if not mine:
        return None
    total, count = sum(part.total for part in mine), sum(part.count for part in mine)
    match series.statistic:
        case Statistic.SUM:
            return total
        case Statistic.SAMPLE_COUNT:
            return float(count)
        case Statistic.AVERAGE:
            return total / count
        case Statistic.MAXIMUM:
            return max(part.high for part in mine)
        case Statistic.MINIMUM:
            return min(part.low for part in mine)
        case Statistic.P95:
            filled = histogram.merged(one for part in mine for one in part.buckets)
            return histogram.percentile(filled, 95)


def _parts(alarms: list[Alarm], period: int, now: datetime) -> Parts:
    series = {series for alarm in alarms for _, series in alarm.metrics}
    names = {one.metric for one in series}
    rows = _rows(names, period, max(alarm.windows for alarm in alarms), now)
    buckets = _buckets(rows, {one.metric for one in series if one.statistic is Statistic.P95})
    found: Parts = defaultdict(list)
    sums = rows.values_list("name", "dimensions", "window").annotate(
        Sum("total"), Sum("count"), Min("low"), Max("high")
    )
    for name, dimensions, window, total, count, low, high in sums:
        key = name, dimensions, window
        part = Part(_read(dimensions), total, count, low, high, buckets.get(key, []))
        found[name, window].append(part)
    return found


def _rows(names: set[str], period: int, windows: int, now: datetime) -> QuerySet[Any]:
    """Samples with the number of their window; its end belongs to it."""
    ends = [now - timedelta(seconds=period * window) for window in range(windows + 1)]
    numbered = [When(at__gt=ends[window + 1], then=Value(window)) for window in range(windows)]
    rows = MetricSample.objects.filter(name__in=names, at__gt=ends[-1], at__lte=now)
    return rows.annotate(window=Case(*numbered)).order_by()


def _buckets(
    rows: QuerySet[Any], names: set[str]
) -> dict[tuple[str, str, int], list[Mapping[str, int]]]:
    found: dict[tuple[str, str, int], list[Mapping[str, int]]] = defaultdict(list)
    if names:
        of_names = rows.filter(name__in=names).values_list(
            "name", "dimensions", "window", "buckets"
        )
        for name, dimensions, window, filled in of_names:
            found[name, dimensions, window].append(filled)
    return found


@lru_cache(maxsize=1_000)
def _read(dimensions: str) -> Mapping[str, str]:
    read: dict[str, str] = json.loads(dimensions)
    return read
