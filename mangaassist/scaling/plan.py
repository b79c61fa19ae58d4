"""How many workers a pool should have: a formula, what caps it, and one decision. Pure.

    permits = (arrivals + backlog / 600) × seconds / 0.8   Little's law, and no backlog in 10 min
    caps    = the pool's reserve, and 1.1 × what the model's quota can keep busy
    workers = ceil(min(permits, caps) / permits of a worker), from least to most

Out at once, 60 s after the last change; in by one worker per 300 s. A new worker boots for 30 s and
the metrics lag by 60 s, so a shorter pause would answer a load that was answered already.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

from mangaassist.pools import WorkerPool

DRAIN = 600.0  # seconds in which a backlog should be gone
UTILISATION = 0.8  # of the permits
QUOTA_MARGIN = 1.1  # more workers than the quota can feed only wait for it
OUT_AFTER = 60.0  # seconds since the last change
IN_AFTER = 300.0  # seconds since the last change, and since the autoscaler began
IN_BELOW = 0.7  # of the permits that are there
OLDEST, DEEPEST = 900.0, 10_000.0  # seconds and messages: the runbooks' alarms


@dataclass(frozen=True)
class Quota:
    """What the model of a pool may be asked in a minute.

    factor: the share that the limiter uses now; tokens_per_call: what one piece of work needs.
    """

    requests: float
    tokens: float
    tokens_per_call: float
    factor: float


@dataclass(frozen=True)
class Load:
    """What a pool has to do, measured over the last minute.

    arrivals: pieces of work per second; backlog: those that wait or run; seconds: how long one
    takes, None when none has ended lately; oldest: age of the oldest message in seconds; visible:
    messages that wait; living: workers that beat; quota: None for a pool that asks no model.
    """

    arrivals: float
    backlog: float
    seconds: float | None
    oldest: float
    visible: float
    living: int
    blocked: bool
    quota: Quota | None


@dataclass(frozen=True)
class Size:
    """What one worker of a pool is, and how few and many of them there may be."""

    pool: WorkerPool
    slots: int  # of one worker
    least: int
    most: int

    @property
    def permits(self) -> int:
        """Of one worker."""
        return self.slots * self.pool.parallel


@dataclass(frozen=True)
class Quiet:
    """Seconds since the last change, infinite before the first, and since the autoscaler began."""

    change: float
    start: float


class Cause(StrEnum):
    """Why the number of workers changes or stays, as a person reads it."""

    BELOW_LEAST = "fewer than there must be"
    MORE_NEEDED = "the load needs more"
    OVERDUE = "messages wait for more than 15 minutes, or are more than 10,000: all there may be"
    FEWER_NEEDED = "the load needs fewer; one at a time"
    ENOUGH = "the load needs no other number"
    STILL_NEEDED = "one fewer would be too busy"
    NOT_MEASURED = "held: measurements are missing or old"
    NEVER_ENDED = "held: work waits, and none has ended that says how long it takes"
    BLOCKED = "held: the pool is blocked by a misconfiguration"
    TOO_SOON_OUT = "held: the last change was less than 60 s ago"
    TOO_SOON_IN = "held: the last change or start was less than 300 s ago"


@dataclass(frozen=True)
class Cap:
    """permits: the most that are of any use; formula: where that comes from."""

    name: str
    permits: float
    formula: str


@dataclass(frozen=True)
class Decision:
    """What to do about one pool, and everything that led there.

    load: None when not measured; need: permits, None when it could not be computed.
    """

    size: Size
    load: Load | None
    current: int  # workers
    wanted: int
    cause: Cause
    need: float | None
    caps: tuple[Cap, ...]

    @property
    def changes(self) -> bool:
        return self.wanted != self.current


def decide(size: Size, load: Load | None, current: int, quiet: Quiet) -> Decision:
    """current: workers that were asked for last, whether or not they have started."""
    need = _need(load)
    caps = _caps(size, load)
    wanted, cause = _exception(size, load, current) or _by_need(size, need, caps, current, quiet)
    return Decision(size, load, current, wanted, cause, need, caps)


def useful(need: float, caps: tuple[Cap, ...]) -> float:
    """Permits that the load needs and the caps leave."""
    return min(need, *(cap.permits for cap in caps))


def _need(load: Load | None) -> float | None:
    """Permits for the load; None when nobody knows."""
    if load is None:
        return None
    rate = load.arrivals + load.backlog / DRAIN
    if not rate:
        return 0.0
    return None if load.seconds is None else rate * load.seconds / UTILISATION


def _caps(size: Size, load: Load | None) -> tuple[Cap, ...]:
    pool = size.pool
    reserve = Cap("reserve", pool.permits, f"{pool.slots} slots × {pool.parallel}")
    if load is None or load.quota is None or load.seconds is None:
        return (reserve,)
    quota, seconds = load.quota, load.seconds
    share = QUOTA_MARGIN * quota.factor / 60 * seconds
    said = f"{QUOTA_MARGIN} × {quota.factor:.2f} × {{}} / 60 × {seconds:.2f}"
    tokens = f"{quota.tokens:,.0f} / {quota.tokens_per_call:,.0f}"
    return (
        reserve,
        Cap("requests", share * quota.requests, said.format(f"{quota.requests:,.0f}")),
        Cap("tokens", share * quota.tokens / quota.tokens_per_call, said.format(tokens)),
    )


def _exception(size: Size, load: Load | None, current: int) -> tuple[int, Cause] | None:
    """What to do when the formula has nothing to say; None otherwise."""
    if current < size.least:
        return size.least, Cause.BELOW_LEAST
    if load is None:
        return current, Cause.NOT_MEASURED
    if load.blocked:
        return current, Cause.BLOCKED
    if load.oldest > OLDEST or load.visible > DEEPEST:
        return max(current, size.most), Cause.OVERDUE
    return None


def _by_need(
    size: Size, need: float | None, caps: tuple[Cap, ...], current: int, quiet: Quiet
) -> tuple[int, Cause]:
    if need is None:
        return current, Cause.NEVER_ENDED
    permits = useful(need, caps)
    workers = min(size.most, max(size.least, math.ceil(permits / size.permits)))
    if workers > current:
        soon = quiet.change < OUT_AFTER
        return (current, Cause.TOO_SOON_OUT) if soon else (workers, Cause.MORE_NEEDED)
    if workers == current:
        return current, Cause.ENOUGH
    if current <= size.most and permits >= IN_BELOW * current * size.permits:
        return current, Cause.STILL_NEEDED
    if min(quiet.change, quiet.start) < IN_AFTER:
        return current, Cause.TOO_SOON_IN
    return current - 1, Cause.FEWER_NEEDED
