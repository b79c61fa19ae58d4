"""What this process has measured since the last flush; any thread records, one thread takes."""

from __future__ import annotations

import threading
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

Dimensions = tuple[tuple[str, str], ...]  # name and value, in the order of the definition


class Kind(StrEnum):
    """How values of one metric combine."""

    COUNTER = "counter"  # values add up
    GAUGE = "gauge"  # the latest value counts
    DISTRIBUTION = "distribution"  # every value counts, for percentiles


@dataclass(frozen=True, eq=False)  # There is one of each, and its hash would cost at each value.
class Metric:
    """One thing that is measured. unit: one that CloudWatch knows.

    sums: sets of fewer dimensions for which CloudWatch keeps it as well, since alarms there cannot
    add dimensions up.
    """

    name: str
    kind: Kind
    unit: str
    help: str
    dimensions: tuple[str, ...] = ()
    sums: tuple[tuple[str, ...], ...] = ()

    def record(self, value: float = 1, /, **dimensions: str) -> None:
        """Takes a value for exactly the metric's dimensions. Raises KeyError for a missing one,
        ValueError for one too many."""
        if len(dimensions) != len(self.dimensions):
            raise ValueError(f"{self.name} has the dimensions {self.dimensions}, not {dimensions}.")
        registry.record(
            self, tuple((name, dimensions[name]) for name in self.dimensions), float(value)
        )


@dataclass
class Measured:
    """The values of one metric with the same dimensions; a counter and a gauge have one."""

    metric: Metric
    dimensions: Dimensions
    values: list[float]


class Registry:
    """The values of a process, as they accumulate."""

    def __init__(self) -> None:
        self._values: dict[tuple[Metric, Dimensions], list[float]] = defaultdict(list)
        self._lock = threading.Lock()

    def record(self, metric: Metric, dimensions: Dimensions, value: float) -> None:
        with self._lock:
            values = self._values[metric, dimensions]
            if metric.kind is Kind.DISTRIBUTION or not values:
                values.append(value)
            elif metric.kind is Kind.COUNTER:
                values[0] += value
            else:
                values[0] = value

    def take(self) -> list[Measured]:
        """What was recorded since the last call, by name and dimensions."""
        with self._lock:
            taken, self._values = self._values, defaultdict(list)
        found = [
            Measured(metric, dimensions, values) for (metric, dimensions), values in taken.items()
        ]
        return sorted(found, key=lambda one: (one.metric.name, one.dimensions))


registry = Registry()
