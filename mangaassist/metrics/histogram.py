"""Distributions in few numbers: buckets that grow by a tenth, so percentiles are right to 5 %."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

GROWTH = 1.1
SMALLEST = 0.001  # everything up to it falls into the first bucket, number 0

Buckets = dict[str, int]  # number of a bucket, as JSON wants its keys, → values in it


def buckets(values: Iterable[float]) -> Buckets:
    return dict(Counter(str(_number(value)) for value in values))


def merged(parts: Iterable[Mapping[str, int]]) -> Buckets:
    total: Counter[str] = Counter()
    for part in parts:
        total.update(part)
    return dict(total)


def percentile(filled: Mapping[str, int], percent: float) -> float:
    """The value that so many percent of the values do not exceed. Raises ValueError for none."""
    rank = math.ceil(percent / 100 * sum(filled.values()))
    for number in sorted(map(int, filled)):
        rank -= filled[str(number)]
        if rank <= 0:
            return _middle(number)
    raise ValueError("No value has no percentile.")


def _number(value: float) -> int:
    if value <= SMALLEST:
        return 0
    return math.ceil(math.log(value / SMALLEST) / math.log(GROWTH) - 1e-9)


def _middle(number: int) -> float:
    return 0.0 if number == 0 else float(SMALLEST * GROWTH ** (number - 0.5))
