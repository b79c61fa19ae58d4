"""The jobs that the dashboard shows, each as one line."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import QuerySet

from enrichment.models import Job
from enrichment.progress import Progress, progresses
from enrichment.states import OUTSTANDING, State
from mangaassist import presence
from mangaassist.messages import Texts
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT

MOST_OPEN, MOST_ENDED = 50, 5
LIVE = (Job.State.OPEN, Job.State.PAUSED)
POOL_PAUSED = Texts("終わりません: 送信停止中", "will not drain: sending paused")
BLOCKED = Texts("終わりません: プール停止中", "will not drain: pool blocked")
NO_WORKER = Texts("終わりません: ワーカー0", "will not drain: no workers")
NO_KEEPER = Texts("終わりません: keeper 0", "will not drain: no keeper")


@dataclass(frozen=True)
class JobLine:
    """One job and how far it is. by: the name of who started it, empty for a command and the
    weekly run; weekly: whether that did; budget: USD; held: whether that is used up."""

    id: int
    name: str
    state: str
    by: str
    weekly: bool
    begun: datetime
    ended: datetime | None
    progress: Progress
    budget: Decimal | None = None
    held: bool = False

    @property
    def total(self) -> int:
        return self.progress.counts.total

    @property
    def by_state(self) -> Mapping[str, int]:
        return self.progress.counts.by_state

    @property
    def done(self) -> int:
        return self.progress.counts.done

    @property
    def failed(self) -> int:
        return self.progress.counts.failed

    @property
    def open(self) -> int:
        return self.progress.counts.open

    @property
    def running(self) -> int:
        return self.by_state.get(State.RUNNING, 0)

    @property
    def on_the_way(self) -> int:
        """Queued and running."""
        return sum(self.by_state.get(state, 0) for state in OUTSTANDING)

    @property
    def rate(self) -> float:
        return self.progress.rate

    @property
    def eta(self) -> float | None:
        """Seconds; None while nothing moves, and when nothing is left."""
        return self.progress.eta if self.open else None

    @property
    def cost(self) -> Decimal:
        return self.progress.cost

    @property
    def is_paused(self) -> bool:
        return self.state == Job.State.PAUSED

    @property
    def segments(self) -> Iterator[tuple[str, float, float]]:
        """Kind, begin and width of each part of the bar, in percent."""
        parts = (("done", self.done), ("failed", self.failed), ("running", self.running))
        begin = 0.0
        for kind, count in parts:
            width = 100 * count / self.total if self.total else 0.0
            if width:
                yield kind, round(begin, 2), round(width, 2)
            begin += width


def job_lines() -> list[JobLine]:
    """Open jobs, newest first, before those that ended last."""
    jobs = light(Job.objects.order_by("-created_at"))
    still_open = jobs.filter(state__in=LIVE)[:MOST_OPEN]
    return lines([*still_open, *jobs.filter(ended_at__isnull=False)[:MOST_ENDED]])


def light(jobs: QuerySet[Job]) -> QuerySet[Job]:
    """Without what no line shows."""
    return jobs.select_related("release", "created_by").defer("kinds", "languages", "changes")


def lines(jobs: Collection[Job]) -> list[JobLine]:
    """Each job as a line, in a few queries for all of them."""
    found = progresses(jobs)
    return [
        JobLine(
            job.pk, job.release.name, job.state, job.created_by.username if job.created_by else "",
            job.run_id is not None, job.created_at, job.ended_at, found[job.pk],
            job.budget, job.held,
        )
        for job in jobs
    ]  # fmt: skip


def hold() -> Texts | None:
    """Why no job at all gets further, in a few words."""
    pool = PoolState.objects.filter(pool=ENRICHMENT.name).first()
    if pool is not None and pool.blocked_at is not None:
        return BLOCKED
    if pool is not None and pool.paused_at is not None:
        return POOL_PAUSED
    if not presence.permits(ENRICHMENT.name):
        return NO_WORKER
    return None if presence.a_keeper_lives() else NO_KEEPER
