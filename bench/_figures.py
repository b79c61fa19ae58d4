"""The arithmetic of the benches. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

EDGE = 0.1  # the share of completions at each end that starting and running dry may distort


def steady_rate(ended: Sequence[float], round_size: int) -> float:
    """Completions per second over the middle 80 %, cut to whole rounds.

    ended: moments in seconds, in any order; round_size: how many calls are in flight. Calls that
    begin together end together, so part of a round would count too much or too little. Raises
    ValueError when the middle holds no whole round.
    """
    moments = sorted(ended)
    rounds = int(len(moments) * (1 - 2 * EDGE) / round_size)
    if not rounds:
        raise ValueError(f"{len(moments)} completions hold no whole round of {round_size}.")
    counted = rounds * round_size
    first = (len(moments) - counted) // 2
    return counted / (moments[first + counted - 1] - moments[first - 1])


def moments(samples: Sequence[tuple[float, int]]) -> list[float]:
    """When each thing was counted, from samples (seconds, count so far) of a growing count.

    Things counted between two samples are spread evenly between them.
    """
    return [
        before + (now - before) * (number + 1) / (count - earlier)
        for (before, earlier), (now, count) in pairwise(samples)
        for number in range(count - earlier)
    ]


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so large a share of them does not exceed. Raises ValueError."""
    if not values:
        raise ValueError("Nothing was measured.")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]
