"""Capacity as a person reads it in a terminal, aligned. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.capacity import HEADROOM, Capacity, Conditions, Figure, Fleet, Limit, slots_for

UNITS = {
    "workers": "",
    "slots of a worker": "",
    "calls at a time in a slot": "",
    "slots of the pool": "",
    "seconds of a call": " s",
    "calls of a title": "",
    "tokens of a call": "",
    "requests a minute": "",
    "tokens a minute": "",
}


def figures(fleet: Fleet, on: Conditions) -> dict[str, Figure]:
    """By the names that UNITS has, in its order."""
    found = (fleet.workers, fleet.slots, on.parallel, on.reserve, on.latency, on.calls, on.tokens,
             on.request_quota, on.token_quota)  # fmt: skip
    return dict(zip(UNITS, found, strict=True))


def answer(found: Capacity, titles: int) -> Iterator[str]:
    """The rate, what binds it, and how long so many titles take."""
    yield f"Rate      {found.rate:,.0f} titles a minute, bound by the {_name(found.binds)}"
    if titles:
        yield f"Clears    {titles:,} titles in {_duration(found.seconds(titles))}"
    yield "Limits"
    for limit, rate in found.rates.items():
        used = f"{found.use(limit):4.0%} used"
        yield f"  {_name(limit):<14}{rate:>12,.0f} titles a minute  {used}"


def target(rate: float, fleet: Fleet, on: Conditions, found: Capacity) -> Iterator[str]:
    """What a rate in titles a minute needs, and what would keep it from being reached."""
    slots = slots_for(rate, on)
    each = round(fleet.slots.value)
    workers = -(-slots // each)
    yield (
        f"Needs     {_number(workers, 'worker')} of {_number(each, 'slot')} for {rate:,.0f} titles"
        f" a minute: {_number(slots, 'slot')} that are busy {HEADROOM:.0%} of the time"
    )
    if slots > on.reserve.value:
        reserve = _number(round(on.reserve.value), "slot")
        yield f"          Not possible: the pool reserves {reserve}."
    for limit in (Limit.REQUESTS, Limit.TOKENS):
        if found.rates[limit] < rate:
            yield f"          Not possible: the {_name(limit)} allows {found.rates[limit]:,.0f}."


def basis(fleet: Fleet, on: Conditions) -> Iterator[str]:
    """Every figure that went in, and where it comes from."""
    yield "Figures"
    for name, figure in figures(fleet, on).items():
        value = f"{figure.value:,.4g}" if figure.value < 1_000 else f"{figure.value:,.0f}"
        detail = f", {figure.detail}" if figure.detail else ""
        yield f"  {name:<26}{value + UNITS[name]:>12}  {figure.source}{detail}"


def _name(limit: Limit) -> str:
    return limit.value


def _number(count: int, of: str) -> str:
    return f"{count:,} {of}" if count == 1 else f"{count:,} {of}s"


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.1f} min" if seconds < 5_400 else f"{seconds / 3_600:,.1f} h"
