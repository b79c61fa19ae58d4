"""The history of the metrics as values over time: how far back, and how stretches add up."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from mangaassist.messages import Texts
from mangaassist.metrics.history import DAY, HOUR, MINUTE, Past, Tier
from mangaassist.metrics.registry import Metric
from mangaassist.models import HistoryPoint


@dataclass(frozen=True)
class Span:
    """How far back one looks: so many stretches of a tier."""

    name: Texts
    tier: Tier
    count: int


SPANS = {
    "hour": Span(Texts("1時間", "Hour"), MINUTE, 60),
    "day": Span(Texts("1日", "Day"), HOUR, 24),
    "week": Span(Texts("1週間", "Week"), HOUR, 168),
    "quarter": Span(Texts("90日", "90 days"), DAY, 90),
}


def points(past: Past, metric: Metric, **wanted: str) -> list[HistoryPoint]:
    """Of a metric, those with at least these dimensions."""
    return [
        point
        for (name, text), several in past.items()
        if name == metric.name and wanted.items() <= json.loads(text or "{}").items()
        for point in several
    ]


def sums(
    found: Iterable[HistoryPoint],
    begins: Iterable[datetime],
    of: Callable[[HistoryPoint], float] = lambda point: point.total,
) -> list[float]:
    """What was counted in each stretch; nothing measured is nothing counted."""
    totals: dict[datetime, float] = {}
    for point in found:
        totals[point.at] = totals.get(point.at, 0.0) + of(point)
    return [totals.get(at, 0.0) for at in begins]


def highest(found: Sequence[HistoryPoint], begins: Iterable[datetime]) -> list[float | None]:
    """The highest value of a gauge in each stretch; None where nobody has measured it."""
    known = {point.at: point.high for point in found}
    return [known.get(at) for at in begins]
