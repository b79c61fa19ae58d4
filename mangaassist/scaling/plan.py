"""How many workers a pool should have: a formula, what caps it, and one decision. Pure.

    permits = (arrivals + backlog / 600) × seconds / 0.8   Little's law, and no backlog in 10 min
    caps    = the pool's reserve, and 1.1 × what the model's quota can keep busy
    workers = ceil(min(permits, caps) / permits of a worker), from least to most

Out at once, 60 s after the last change: a new worker boots for 30 s and the metrics lag, so that a
shorter pause would answer a load that was answered already. In by one worker per 300 s, and only
when fewer have been enough for as long: the lowest flicker of a load must not take a worker away.
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
IN_AFTER = 300.0  # seconds since the last change, and of fewer being enough
IN_BELOW = 0.7  # of the permits that are there
IN_ROOM = 0.85  # of those that stay: with few workers, a load that flickers would call it back
OLDEST, DEEPEST = 900.0, 10_000.0  # seconds and messages: the runbooks' alarms


@dataclass(frozen=True)
class Quota:
    """What the model of a pool may be asked in a minute.

    factor: the share that the limiter uses now; seconds and tokens_per_call: means of one call.
    """

    requests: float
    tokens: float
    factor: float
    seconds: float
    tokens_per_call: float


@dataclass(frozen=True)
class Load:
    """What a pool has to do, measured over the last minute.

    arrivals: pieces of work per second; backlog: those that wait or run; ended: those that ended in
    that minute; seconds: how long one holds a permit, None when none has ended lately; oldest: age
    of the oldest message in seconds; visible: messages that wait; living: workers that beat;
    blocked: or paused; quota: None for a pool that asks no model, or has not lately.
    """

    arrivals: float
    backlog: float
    ended: int
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
    """Seconds since the last change, infinite before the first, and for which fewer workers have
    been enough, as far as this autoscaler has seen."""

    change: float
    low: float


class Cause(StrEnum):
    """Why the number of workers changes or stays, as a person reads it."""

    BELOW_LEAST = "fewer than there must be"
    MORE_NEEDED = "the load needs more"
    OVERDUE = "messages wait for more than 15 minutes, or are more than 10,000: all there may be"
    FEWER_NEEDED = "the load needs fewer; one at a time"
    ENOUGH = "the load needs no other number"
    STILL_NEEDED = "one fewer would be too busy"
    NOT_MEASURED = "held: measurements are missing or old"
    NONE_ENDED = "held: work waits, and none has ended lately"
    BLOCKED = "held: the pool is blocked by a misconfiguration, or paused by staff"
    TOO_SOON_OUT = "held: the last change was less than 60 s ago"
    TOO_SOON_IN = "held: fewer are enough, but not yet for 300 s, or since the last change"


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

    @property
    def low(self) -> bool:
        """Whether fewer workers are enough."""
        return self.cause in (Cause.TOO_SOON_IN, Cause.FEWER_NEEDED)


def decide(size: Size, load: Load | None, current: int, quiet: Quiet) -> Decision:
    """current: workers that were asked for last, whether or not they have started."""
    need = _need(load)
    caps = _caps(size, load)
    wanted, cause = _exception(size, load, current) or _by_need(size, need, caps, current, quiet)
    if current < size.least and wanted <= size.least:
        wanted, cause = size.least, Cause.BELOW_LEAST
    if wanted < current and load is not None and _stands_still(size, load):
        wanted, cause = current, Cause.NONE_ENDED
    return Decision(size, load, current, wanted, cause, need, caps)


def _stands_still(size: Size, load: Load) -> bool:
    """More waits than one worker could hold, and nothing ends; it may only not be measured."""
    return load.backlog > size.permits and not load.ended


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
    if load is None or load.quota is None:
        return (reserve,)
    quota = load.quota
    share = QUOTA_MARGIN * quota.factor / 60 * quota.seconds
    said = f"{QUOTA_MARGIN} × {quota.factor:.2f} × {{}} / 60 × {quota.seconds:.2f}"
    tokens = f"{quota.tokens:,.0f} / {quota.tokens_per_call:,.0f}"
    return (
        reserve,
        Cap("requests", share * quota.requests, said.format(f"{quota.requests:,.0f}")),
        Cap("tokens", share * quota.tokens / quota.tokens_per_call, said.format(tokens)),
    )


def _exception(size: Size, load: Load | None, current: int) -> tuple[int, Cause] | None:
    """What to do when the formula has nothing to say; None otherwise."""
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
        return current, Cause.NONE_ENDED
    permits = useful(need, caps)
    workers = min(size.most, max(size.least, math.ceil(permits / size.permits)))
    if workers > current:
        soon = quiet.change < OUT_AFTER
        return (current, Cause.TOO_SOON_OUT) if soon else (workers, Cause.MORE_NEEDED)
    if workers == current:
        return current, Cause.ENOUGH
    spare = min(IN_BELOW * current, IN_ROOM * (current - 1)) * size.permits
    if current <= size.most and permits >= spare:
        return current, Cause.STILL_NEEDED
    if min(quiet.change, quiet.low) < IN_AFTER:
        return current, Cause.TOO_SOON_IN
    return current - 1, Cause.FEWER_NEEDED
