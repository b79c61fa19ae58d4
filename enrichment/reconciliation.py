"""Compares items with their messages and their catalogue rows, and repairs what it may.

Each repair is a conditional step of the item store, so what became untrue since the look changes
nothing. A worker that dies leaves its run where it got to; two workers with one run do not count
twice, since each batch moves the run's cursor on from where it was.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from enrichment import jobs
from enrichment.database import STORE
from enrichment.discrepancies import FREE, judge
from enrichment.findings import Discrepancy, Finding, Reconciliation
from enrichment.models import Item, Job
from enrichment.sample import Sample
from enrichment.states import State
from enrichment.store import Send
from mangaassist import audit, catalog, gauges, metrics
from mangaassist.errors import Failure
from mangaassist.models import PoolState
from mangaassist.pools import MAINTENANCE
from mangaassist.resources import ENRICHMENT_QUEUE

if TYPE_CHECKING:
    from django.contrib.auth.models import User

SETTLED = timedelta(minutes=1)  # what SQS says of its queues is that old
BATCH = 100  # rows that DynamoDB gives in one call
SHOWN = 1_000  # findings of a run that are kept for people

log = structlog.get_logger(__name__)


class Found(NamedTuple):
    """One discrepancy of one item."""

    item: Item
    what: Discrepancy


def begin(
    repair: Reconciliation.Repair,
    job: Job | None = None,
    *,
    since: datetime | None = None,
    user: User | None = None,
) -> Reconciliation:
    """A run over the items of a job, or over those that ended since a time or in the last day.

    Somebody who asks for the same again, before it has ended, gets the same run.
    """
    with transaction.atomic():
        one_at_a_time()
        asked = Reconciliation.objects.filter(
            repair=repair, job=job, created_by=user, ended_at=None
        )
        if run := (asked if since is None else asked.filter(since=since)).last():
            return run
        if job is None and since is None:
            since = timezone.now() - timedelta(days=1)
        run = Reconciliation.objects.create(repair=repair, job=job, since=since, created_by=user)
        facts = {"repair": repair, "job": job and job.pk, "since": since and since.isoformat()}
        audit.record(user, "reconcile", run, after=facts)
    return run


def one_at_a_time() -> None:
    """Lets others who would begin a run wait for the end of the transaction."""
    PoolState.objects.select_for_update().get_or_create(pool=MAINTENANCE.name)


def carry_out(run_id: int) -> None:
    """Does a run from where it is to its end. Raises what DynamoDB, SQS or the database refused."""
    run = Reconciliation.objects.select_related("job").get(pk=run_id)
    if run.ended_at is not None:
        return
    if run.cursor < 0 and not _compare_messages(run):
        return
    while items := _batch(run):
        if not _advance(run, items[-1].pk, len(items), _compare(items)):
            return
    Reconciliation.objects.filter(pk=run.pk, ended_at=None).update(ended_at=Now(), failure="")
    run.refresh_from_db()
    log.info("reconciled", reconciliation=run.pk, compared=run.compared, found=run.found)


def note(run_id: int, failure: Failure) -> None:
    """Says why a run got no further; a keeper sends it again after a while."""
    Reconciliation.objects.filter(pk=run_id).update(failure=failure.message, beat_at=Now())


def _compare_messages(run: Reconciliation) -> bool:
    """Finds queued items whose message is gone, and messages beyond what is outstanding.

    False when another worker has the run.

    SQS names no messages, so only an empty queue proves one lost. An item that is sent again
    although its message was there costs nothing: the old delivery is stale.
    """
    queued = Item.objects.filter(state=State.QUEUED, queued_at__lt=Now() - SETTLED)
    if run.job:
        queued = queued.filter(job=run.job)
    lost = list(queued.only("pk", "job_id", "delivery", "title_id"))
    messages = sum(gauges.depth(ENRICHMENT_QUEUE.name))
    if messages:
        lost = []
        out = sum(STORE.outstanding().values()) + Sample.outstanding().count()
        run.duplicates = max(0, messages - out)
    return _advance(run, 0, 0, [Found(item, Discrepancy.LOST_MESSAGE) for item in lost])


def _batch(run: Reconciliation) -> list[Item]:
    """The next items to compare."""
    chosen = Q(job=run.job) if run.job else Q(ended_at__gte=run.since)
    items = Item.objects.filter(chosen, pk__gt=run.cursor).exclude(state=State.CANCELLED)
    columns = ("pk", "state", "delivery", "title_id", "offer_only", "job__kinds")
    return list(items.select_related("job").only(*columns).order_by("pk")[:BATCH])


def _compare(items: Sequence[Item]) -> list[Found]:
    rows = catalog.get_many(sorted({item.title_id for item in items}))
    judged = (
        (item, judge(item.pk, item.state, _kinds(item), rows.get(item.title_id))) for item in items
    )
    return [Found(item, what) for item, what in judged if what is not None]


def _kinds(item: Item) -> list[str]:
    return [] if item.offer_only else item.job.kinds


@transaction.atomic
def _advance(run: Reconciliation, to: int, compared: int, found: Sequence[Found]) -> bool:
    """Keeps and repairs what a batch has shown. False when another worker has the run."""
    current = Reconciliation.objects.select_for_update().get(pk=run.pk)
    if current.cursor != run.cursor or current.ended_at is not None:
        log.info("run_is_elsewhere", reconciliation=run.pk)
        return False
    _keep(run, found)
    run.cursor = to
    run.compared += compared
    run.beat_at = timezone.now()
    run.failure = ""
    run.save(update_fields=["cursor", "compared", "duplicates", "beat_at", "failure"])
    return True


def _keep(run: Reconciliation, found: Sequence[Found]) -> None:
    """Adds findings to a run and repairs those that it may."""
    counts = Counter(one.what.value for one in found)
    room = max(0, SHOWN - sum(run.found.values()))
    Finding.objects.bulk_create(
        Finding(reconciliation=run, item=one.item, discrepancy=one.what) for one in found[:room]
    )
    repaired = _repair(run, found)
    run.found = dict(Counter(run.found) + counts)
    run.repaired = dict(Counter(run.repaired) + repaired)
    run.save(update_fields=["found", "repaired"])
    for what, count in counts.items():
        metrics.DISCREPANCIES.record(count, Discrepancy=what)


def _repair(run: Reconciliation, found: Sequence[Found]) -> Counter[str]:
    """How many of each it repaired."""
    repaired: Counter[str] = Counter()
    if run.repair == Reconciliation.Repair.NOTHING:
        return repaired
    may = FREE if run.repair == Reconciliation.Repair.FREE else frozenset(Discrepancy)
    by_job: defaultdict[int, defaultdict[Discrepancy, list[Item]]]
    by_job = defaultdict(lambda: defaultdict(list))
    for item, what in found:
        if what in may:
            by_job[item.job_id][what].append(item)
    for job, of in sorted(by_job.items()):
        for what, items in of.items():
            repaired[what.value] += _mend(job, what, items, run.created_by)
    return repaired


def _mend(job: int, what: Discrepancy, items: Sequence[Item], user: User | None) -> int:
    if what == Discrepancy.LOST_MESSAGE:
        return STORE.put_back([Send(item.pk, item.delivery, item.title_id) for item in items])
    ids = [item.pk for item in items]
    if what == Discrepancy.LOST_STATUS:
        return jobs.repair(job, written=ids, missing=(), user=user)
    return jobs.repair(job, written=(), missing=ids, user=user)
