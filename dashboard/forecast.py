"""What becomes of the work of a pool, from what came and ended in the last minute. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from mangaassist.scaling.forecast import Forecast, Outlook, drains
from mangaassist.scaling.plan import Load, Quiet, Size, decide

FEWEST_ENDED = 3  # in a minute, before it is called a pace
LONGEST = 7 * 86_400.0  # seconds; what is further away is no forecast


@dataclass(frozen=True)
class Supposed:
    """What more workers would do. rate: pieces of work a minute; binds: what allows no more."""

    rate: float
    binds: str
    forecast: Forecast


def forecast(load: Load | None, *, paused: bool) -> Forecast:
    if load is None:
        return Forecast(Outlook.UNKNOWN)
    if not load.backlog:
        return Forecast(Outlook.EMPTY)
    if not load.living:
        return Forecast(Outlook.NO_CONSUMERS)
    if paused or load.blocked:
        return Forecast(Outlook.PAUSED if paused else Outlook.BLOCKED)
    if load.ended < FEWEST_ENDED:
        return Forecast(Outlook.STALLED)
    return _drains(load.backlog, load.ended / 60, load.arrivals, load.ended)


def suppose(load: Load, size: Size, permits: int, more: int) -> Supposed | None:
    """With so many more workers than those that live, whose permits are given.

    None when nobody knows how long a piece of work takes. size: of one more worker.
    """
    if not load.seconds:
        return None
    there = permits + more * size.permits
    if not there:
        return Supposed(0.0, "workers", Forecast(Outlook.NO_CONSUMERS))
    caps = decide(size, load, load.living, Quiet(0.0, 0.0)).caps
    limits = {"workers": float(there), **{cap.name: cap.permits for cap in caps}}
    binds = min(limits, key=lambda name: limits[name])
    rate = limits[binds] / load.seconds
    outlook = Forecast(Outlook.EMPTY)
    if load.backlog:
        outlook = _drains(load.backlog, rate, load.arrivals)
    return Supposed(60 * rate, binds, outlook)


def _drains(backlog: float, rate: float, arrivals: float, ended: float | None = None) -> Forecast:
    found = drains(backlog, rate, arrivals, ended)
    too_long = found.seconds is not None and found.seconds > LONGEST
    return Forecast(Outlook.STALLED) if too_long else found
