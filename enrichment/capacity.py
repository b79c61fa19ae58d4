"""How fast so many slots enrich titles, what binds them, and how many a rate needs. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum

HEADROOM = 0.8  # of the permits; the rest takes what comes unevenly


class Source(StrEnum):
    """Where a figure comes from."""

    GIVEN = "given"
    MEASURED = "measured"
    ASSUMED = "assumed"
    SET = "setting"


@dataclass(frozen=True)
class Figure:
    """A number, where it comes from, and more about that."""

    value: float
    source: Source
    detail: str = ""


@dataclass(frozen=True)
class Fleet:
    """Workers and the slots of each."""

    workers: Figure
    slots: Figure

    @property
    def total(self) -> int:
        """Slots of all of them."""
        return round(self.workers.value * self.slots.value)


@dataclass(frozen=True)
class Conditions:
    """What the answer rests on.

    parallel: calls at a time in a slot; reserve: slots of the pool, whose calls alone the limiter
    lets through however many workers there are; latency: seconds of a call; calls: per title;
    tokens: that a call uses of the quota; request_quota, token_quota: what Bedrock allows a minute.
    """

    parallel: Figure
    reserve: Figure
    latency: Figure
    calls: Figure
    tokens: Figure
    request_quota: Figure
    token_quota: Figure

    @property
    def seconds(self) -> float:
        """How long a title holds a permit."""
        return self.latency.value * self.calls.value


class Limit(StrEnum):
    """What can bind the rate."""

    WORKERS = "workers"
    RESERVE = "reserved slots"
    REQUESTS = "request quota"
    TOKENS = "token quota"


@dataclass(frozen=True)
class Capacity:
    """rates: titles a minute that each limit would let through by itself."""

    rates: dict[Limit, float]

    @property
    def binds(self) -> Limit:
        return min(self.rates, key=lambda limit: self.rates[limit])

    @property
    def rate(self) -> float:
        """Titles a minute."""
        return self.rates[self.binds]

    def use(self, limit: Limit) -> float:
        """How much of a limit the rate uses, 0 to 1."""
        return self.rate / self.rates[limit]

    def seconds(self, titles: int) -> float:
        """Until so many titles have ended."""
        return titles / self.rate * 60


def capacity(slots: int, on: Conditions) -> Capacity:
    of_a_slot = on.parallel.value / on.seconds * 60
    rates = {Limit.WORKERS: slots * of_a_slot, Limit.RESERVE: on.reserve.value * of_a_slot}
    return Capacity(rates | quotas(on))


def quotas(on: Conditions) -> dict[Limit, float]:
    """Titles a minute that the model's quota lets through."""
    return {
        Limit.REQUESTS: on.request_quota.value / on.calls.value,
        Limit.TOKENS: on.token_quota.value / (on.tokens.value * on.calls.value),
    }


def slots_for(rate: float, on: Conditions) -> int:
    """Slots that end so many titles a minute and are busy for HEADROOM of their time."""
    return math.ceil(rate / 60 * on.seconds / HEADROOM / on.parallel.value)
