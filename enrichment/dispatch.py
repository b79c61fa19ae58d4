"""The producer: moves items from the database to SQS inside the credit window."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import structlog
from django.db import transaction
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from enrichment import budget
from enrichment.database import STORE
from enrichment.models import Item, Job
from enrichment.pace import throughput
from enrichment.sending import send
from enrichment.states import State
from enrichment.store import Send
from enrichment.window import LARGEST, LOW_HORIZON, Claimant, Lane, fill, window
from mangaassist import blocking, presence
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT

MOST_AT_ONCE = 500  # items; a tick stays short, the next one follows at once
NEEDED = ("weight", "lane", "budget", "kinds", "languages", "model")  # of a job that wants to send

log = structlog.get_logger(__name__)


def dispatch() -> int:
    """Sends as many due items as the window allows. Returns how many SQS accepted.

    Raises the Failure when SQS took none, so that the keeper waits longer before the next attempt.
    """
    sends = take()
    if not sends:
        return 0
    refused = send(sends)
    STORE.confirm([one for one in sends if one not in refused])
    if refused:
        cause = next(iter(refused.values())).code
        put_back = STORE.put_back(refused)
        log.warning("sends_refused", count=len(refused), put_back=put_back, cause=cause)
    if len(refused) == len(sends):
        raise next(iter(refused.values()))
    return len(sends) - len(refused)


@transaction.atomic
def take() -> list[Send]:
    """Marks the next items as queued, in one short transaction that keepers enter one at a time."""
    pool = PoolState.objects.select_for_update().get_or_create(pool=ENRICHMENT.name)[0]
    if pool.paused_at is not None:
        return []
    outstanding = STORE.outstanding()
    if pool.blocked_at is not None:
        return probe(pool, claimants(outstanding))
    rate, permits = throughput(), presence.permits(ENRICHMENT.name)
    credit = min(window(rate, permits) - sum(outstanding.values()), MOST_AT_ONCE)
    low_window = window(rate, permits, LOW_HORIZON)
    return fill(STORE, credit, claimants(outstanding), by_lane(outstanding), low_window)


def by_lane(outstanding: Mapping[int, int]) -> Counter[Lane]:
    """Outstanding items of each lane, also of jobs that have nothing more to send."""
    held: Counter[Lane] = Counter()
    for job, lane in Job.objects.filter(pk__in=outstanding).values_list("pk", "lane"):
        held[Lane(lane)] += outstanding[job]
    return held


def claimants(outstanding: Mapping[int, int]) -> list[Claimant]:
    """The open jobs that have due items and money for them; holds those whose budget is used up."""
    due = Q(not_before=None) | Q(not_before__lte=STORE.now())
    waiting = Item.objects.filter(due, job=OuterRef("pk"), state=State.PENDING)
    # Whether one exists the planner may find out by reading the table; the first one has an index.
    first = Subquery(waiting.order_by("pk").values("pk")[:1])
    still_open = Job.objects.filter(state=Job.State.OPEN).alias(first=first)
    jobs = list(still_open.filter(first__isnull=False).only(*NEEDED))
    rooms = budget.rooms(jobs, outstanding)
    for job, room in rooms.items():
        if not room and not outstanding.get(job):
            budget.hold(job)
    return [
        Claimant(job.pk, job.weight, outstanding.get(job.pk, 0), Lane(job.lane), room)
        for job in jobs
        if (room := rooms.get(job.pk, LARGEST))
    ]


def probe(pool: PoolState, claimants: Iterable[Claimant]) -> list[Send]:
    """Lets one item of a blocked pool through every half minute; done, it opens the pool.

    One without a call proves too little while others wait, so the next goes at once.
    """
    done = Item.objects.filter(pk=pool.probe_item or 0, state=State.DONE).first()
    open_jobs = Item.objects.filter(job__state=Job.State.OPEN)
    calls = open_jobs.filter(state=State.PENDING, offer_only=False)
    if done and not (done.offer_only and calls.exists()):
        blocking.unblock(pool.pool)
        return []
    if not done and pool.probe_at is not None and timezone.now() < pool.probe_at:
        return []
    for claimant in claimants:
        sends = STORE.dispatch(claimant.job, 1)
        if sends:
            pool.probe_item = sends[0].item
            pool.probe_at = timezone.now() + blocking.PROBE_EVERY
            pool.save(update_fields=["probe_item", "probe_at"])
            return sends
    return []
