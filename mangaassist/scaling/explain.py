"""A decision as a person reads it, and as a log line carries it. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mangaassist.scaling.plan import DRAIN, UTILISATION, Decision, Load, useful


def text(decision: Decision) -> str:
    """The decision, and below it every number that led there."""
    return "\n".join([_headline(decision), *(f"  {line}" for line in _reasoning(decision))])


def facts(decision: Decision) -> dict[str, Any]:
    """The same as fields; what is not known is None."""
    load = decision.load
    measured = {
        name: _short(getattr(load, name, None))
        for name in (
            "arrivals",
            "backlog",
            "ended",
            "seconds",
            "oldest",
            "visible",
            "living",
            "blocked",
        )
    }
    return {
        "pool": decision.size.pool.name,
        "workers": decision.current,
        "wanted": decision.wanted,
        "cause": decision.cause.name.lower(),
        **measured,
        "need": _short(decision.need),
        "caps": {cap.name: _short(cap.permits) for cap in decision.caps},
    }


def _short(value: float | None) -> float | None:
    """Two places; whole numbers, truths and None stay as they are."""
    return round(value, 2) if isinstance(value, float) else value


def _headline(decision: Decision) -> str:
    pool, current = decision.size.pool.name, decision.current
    number = f"{current} → {decision.wanted}" if decision.changes else f"{current}"
    plural = "" if decision.wanted == 1 else "s"
    return f"{pool}: {number} worker{plural}, {decision.cause}"


def _reasoning(decision: Decision) -> Iterator[str]:
    load, size = decision.load, decision.size
    if load is None:
        yield "measured  nothing"
        return
    yield f"measured  {_measured(load)}"
    if decision.need is None:
        return
    yield f"need      {_need(load)}{decision.need:,.1f} permits"
    for cap in decision.caps:
        yield f"at most   {cap.permits:,.1f} permits: {cap.name}, {cap.formula}"
    permits = useful(decision.need, decision.caps)
    yield (
        f"workers   {permits:,.1f} / {size.permits} permits each = {permits / size.permits:,.1f},"
        f" from {size.least} to {size.most}"
    )


def _measured(load: Load) -> str:
    seconds = "of unknown length" if load.seconds is None else f"{load.seconds:.2f} s each"
    return (
        f"{load.arrivals:,.2f} arrivals/s, backlog {load.backlog:,.0f}, {load.ended:,} ended,"
        f" {seconds}, {load.visible:,.0f} messages wait, the oldest {load.oldest:,.0f} s,"
        f" {load.living} alive"
    )


def _need(load: Load) -> str:
    if load.seconds is None:
        return ""
    rate = f"({load.arrivals:,.2f} + {load.backlog:,.0f} / {DRAIN:.0f})"
    return f"{rate} × {load.seconds:.2f} / {UTILISATION} = "
