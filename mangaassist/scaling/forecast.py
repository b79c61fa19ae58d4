"""Whether work that waits comes to an end, and when: of a pool or of one job. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

FEWEST_ROOT = 1.1  # of the work that has ended; from less, nobody can tell the latest time


class Outlook(StrEnum):
    """What becomes of the work that waits."""

    UNKNOWN = "unknown"  # nobody has measured it lately
    EMPTY = "empty"
    DRAINS = "drains"
    GROWS = "grows"
    STALLED = "stalled"  # nearly nothing has ended lately
    NO_CONSUMERS = "no_consumers"
    BLOCKED = "blocked"
    PAUSED = "paused"


@dataclass(frozen=True)
class Forecast:
    """seconds: until nothing waits, for DRAINS alone, as fast as now; soonest, latest: the bounds
    of that, None while nobody can tell; growth: pieces of work a minute, for GROWS alone.

    The bounds are those of the rates that explain what was counted in 95 of 100 cases, if work ends
    independently of other work.
    """

    outlook: Outlook
    seconds: float | None = None
    soonest: float | None = None
    latest: float | None = None
    growth: float = 0.0


def drains(
    waiting: float, rate: float, arrivals: float = 0.0, ended: float | None = None
) -> Forecast:
    """rate, arrivals: a second; ended: how much work the rate was counted from, None for a rate
    that is supposed."""
    net = rate - arrivals
    if net <= 0:
        return Forecast(Outlook.GROWS, growth=-60 * net)
    if ended is None:
        return Forecast(Outlook.DRAINS, waiting / net)
    root = math.sqrt(ended)
    most = rate * (1 + 1 / root) ** 2 - arrivals
    least = rate * (1 - 1 / root) ** 2 - arrivals if root > FEWEST_ROOT else 0.0
    latest = waiting / least if least > 0 else None
    return Forecast(Outlook.DRAINS, waiting / net, waiting / most, latest)
