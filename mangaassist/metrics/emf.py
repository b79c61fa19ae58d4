"""Embedded Metric Format: log lines that CloudWatch turns into metrics by itself."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby
from typing import Any

from mangaassist import metrics
from mangaassist.metrics.registry import Measured, Metric

MOST_VALUES = 100  # that CloudWatch takes of one metric in one line
MOST_METRICS = 100  # that it takes in one line


def lines(measured: Iterable[Measured], at: datetime) -> Iterator[str]:
    """One JSON line for each set of dimensions; more where a line cannot hold all its values."""
    ordered = sorted(measured, key=lambda one: (one.dimensions, one.metric.name))
    for dimensions, group in groupby(ordered, key=lambda one: one.dimensions):
        rest = list(group)
        while rest:
            head = [
                Measured(m.metric, dimensions, m.values[:MOST_VALUES]) for m in rest[:MOST_METRICS]
            ]
            yield json.dumps(_document(head, at), ensure_ascii=False)
            rest = [
                *(
                    Measured(m.metric, dimensions, m.values[MOST_VALUES:])
                    for m in rest[:MOST_METRICS]
                    if len(m.values) > MOST_VALUES
                ),
                *rest[MOST_METRICS:],
            ]


def _document(measured: list[Measured], at: datetime) -> dict[str, Any]:
    dimensions = dict(measured[0].dimensions)
    directives = [
        {
            "Namespace": metrics.NAMESPACE,
            "Dimensions": [list(dimensions), *map(list, sums)],
            "Metrics": [{"Name": one.name, "Unit": one.unit} for one in group],
        }
        for sums, group in _by_sums(one.metric for one in measured)
    ]
    return {
        "_aws": {"Timestamp": int(at.timestamp() * 1_000), "CloudWatchMetrics": directives},
        **dimensions,
        **{one.metric.name: _value(one.values) for one in measured},
    }


def _by_sums(defined: Iterable[Metric]) -> list[tuple[metrics.Sums, list[Metric]]]:
    ordered = sorted(defined, key=lambda one: one.sums)
    return [(sums, list(group)) for sums, group in groupby(ordered, key=lambda one: one.sums)]


def _value(values: list[float]) -> float | list[float]:
    return values if len(values) > 1 else values[0]
