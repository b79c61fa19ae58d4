"""How a job went on over time: a cumulative-flow chart, drawn by the server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import accumulate

from django.db.models import Count, Q
from django.db.models.functions import Trunc
from django.utils import timezone

from enrichment.models import Job
from enrichment.states import ENDED, State

WIDTH, HEIGHT = 600, 120
MOST, MOST_TOLD = 60, 12  # moments in the picture, and in its table
UNITS = (
    (timedelta(minutes=15), "second"),
    (timedelta(hours=15), "minute"),
    (timedelta.max, "hour"),
)
Counted = dict[datetime, tuple[int, int, int]]  # begun, ended and done in each unit of time


@dataclass(frozen=True)
class Moment:
    """Items that had begun, had ended and were done by then."""

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
        return _thinned(self.moments, MOST_TOLD)

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
        span = max((self.end - self.begin).total_seconds(), 1.0)
        return min(1.0, max(0.0, (at - self.begin).total_seconds() / span)) * WIDTH

    def _y(self, items: int) -> float:
        return HEIGHT - HEIGHT * items / max(self.total, 1)


def flow(job: Job) -> Flow:
    """An item that was retried counts by its last time alone."""
    end = job.ended_at or timezone.now()
    unit = next(unit for longest, unit in UNITS if end - job.created_at <= longest)
    counted = _counted(job, unit)
    sums = accumulate(counted.values(), _sum)
    moments = [Moment(at, *sum_) for at, sum_ in zip(counted, sums, strict=True)]
    return Flow(job.created_at, end, job.total, _thinned(moments, MOST))


def _thinned(moments: list[Moment], most: int) -> list[Moment]:
    step = -(-len(moments) // most) or 1
    return moments[::-step][::-1]


def _counted(job: Job, unit: str) -> Counted:
    """By time, the earliest first."""
    worked = job.items.exclude(state=State.CANCELLED).order_by()
    over = worked.filter(state__in=ENDED, ended_at__isnull=False)
    is_done = Q(state=State.DONE)
    ended = over.values_list(Trunc("ended_at", unit)).annotate(
        ended=Count("pk"), done=Count("pk", filter=is_done)
    )
    begun = worked.filter(state__in=ENDED | {State.RUNNING}, started_at__isnull=False)
    found: Counted = {}
    for at, count in begun.values_list(Trunc("started_at", unit)).annotate(begun=Count("pk")):
        found[at] = _sum(found.get(at, (0, 0, 0)), (count, 0, 0))
    for at, count, done in ended:
        found[at] = _sum(found.get(at, (0, 0, 0)), (0, count, done))
    return dict(sorted(found.items()))


def _sum(one: tuple[int, int, int], other: tuple[int, int, int]) -> tuple[int, int, int]:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2]
