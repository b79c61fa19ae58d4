"""How a job went on over time: a cumulative-flow chart, drawn by the server."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Sum
from django.utils import timezone

from enrichment.models import Job
from enrichment.states import ENDED, State

WIDTH, HEIGHT = 600, 120
MOST, MOST_TOLD = 60, 12  # moments in the picture, and in its table
OVER = ENDED - {State.CANCELLED}
BEGUN = OVER | {State.RUNNING}


@dataclass(frozen=True)
class Moment:
    """Items that had begun, had ended and were done then; a retry takes its items back."""

    at: datetime
    begun: int
    ended: int
    done: int


@dataclass(frozen=True)
class Flow:
    """A job from its start until now, or until its end."""

    begin: datetime
    end: datetime
    total: int
    moments: list[Moment]

    @property
    def told(self) -> list[Moment]:
        """Some of the moments, the last among them, for those who cannot see the picture."""
        step = -(-len(self.moments) // MOST_TOLD) or 1
        return self.moments[::-step][::-1]

    @property
    def areas(self) -> Iterator[tuple[str, str]]:
        """Each area as its kind and the points of its outline, the largest first."""
        for kind, name in (("running", "begun"), ("failed", "ended"), ("done", "done")):
            yield kind, self._outline([getattr(moment, name) for moment in self.moments])

    def _outline(self, heights: list[int]) -> str:
        """Steps, since nobody knows what happened between two moments."""
        points, before = [f"0,{HEIGHT}"], 0
        for moment, height in zip(self.moments, heights, strict=True):
            x = f"{self._x(moment.at):.1f}"
            points += [f"{x},{self._y(before):.1f}", f"{x},{self._y(height):.1f}"]
            before = height
        return " ".join([*points, f"{WIDTH},{self._y(before):.1f}", f"{WIDTH},{HEIGHT}"])

    def _x(self, at: datetime) -> float:
        return _share(self.begin, at, self.end) * WIDTH

    def _y(self, items: int) -> float:
        return HEIGHT - HEIGHT * items / max(self.total, 1)


def flow(job: Job) -> Flow:
    """From the ledger, so that its end has the counts of the job."""
    end = job.ended_at or timezone.now()
    entries = job.ledger.filter(state__in=BEGUN).order_by("at").values_list("at", "state")
    there: Counter[str] = Counter()
    moments = {}  # the last one of each step of the picture
    for at, state, items in entries.annotate(Sum("items")):
        there[state] += items
        step = int(_share(job.created_at, at, end) * (MOST - 1))
        moments[step] = Moment(at, _sum(there, BEGUN), _sum(there, OVER), there[State.DONE])
    return Flow(job.created_at, end, job.total, list(moments.values()))


def _share(begin: datetime, at: datetime, end: datetime) -> float:
    """How much of the time from begin to end had passed then, from 0 to 1."""
    span = max((end - begin).total_seconds(), 1.0)
    return min(1.0, max(0.0, (at - begin).total_seconds() / span))


def _sum(there: Counter[str], states: frozenset[State]) -> int:
    return sum(there[state] for state in states)
