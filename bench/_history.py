"""What a producer did, from the times that its items have in the database. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from bench._backlog import LATELY
from enrichment.window import window

MOMENT = 1.0  # seconds that may lie between the producer's look at its window and its sends


@dataclass(frozen=True)
class Life:
    """When an item was sent and when it ended, in seconds; ended is None while it has not."""

    queued: float
    ended: float | None


@dataclass(frozen=True)
class Sending:
    """One send: what was outstanding after it, and the window of that moment."""

    at: float
    outstanding: int
    window: int

    @property
    def too_many(self) -> bool:
        return self.outstanding > self.window


def sendings(lives: Sequence[Life], permits: int) -> list[Sending]:
    """Every send, in order. The window is the largest that held in the moment before."""
    queued = sorted(life.queued for life in lives)
    ended = sorted(life.ended for life in lives if life.ended is not None)

    def look(at: float) -> Sending:
        gone = bisect_right(ended, at)
        lately = gone - bisect_right(ended, at - LATELY - MOMENT)
        outstanding = bisect_right(queued, at) - gone
        return Sending(at, outstanding, window(lately / LATELY, permits))

    return [look(at) for at in sorted(set(queued))]
