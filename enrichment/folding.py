"""Folds the ledger: many small changes become one entry for a stretch of time."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from django.db import connection, transaction

from enrichment.ledger import LedgerEntry
from enrichment.models import Job

MOST = 10_000  # entries in one transaction
PARTS = 32  # of a job's age, of which a stretch of time is one at most
Key = tuple[int, str, datetime]  # job, state, and begin of the stretch
ADD = """
INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost, costliest, folded)
VALUES (%s, %s, %s, %s, %s, %s, true)
ON CONFLICT (job_id, state, at) WHERE folded DO UPDATE SET
    items = enrichment_ledgerentry.items + excluded.items,
    cost = enrichment_ledgerentry.cost + excluded.cost,
    costliest = CASE WHEN excluded.costliest > enrichment_ledgerentry.costliest
        THEN excluded.costliest ELSE enrichment_ledgerentry.costliest END
"""


def fold() -> int:
    """Keeper duty. Returns how many entries it has folded; the sums stay as they are."""
    folded = some = _fold()
    while some == MOST:
        some = _fold()
        folded += some
    return folded


@transaction.atomic
def _fold() -> int:
    fresh = LedgerEntry.objects.filter(folded=False).order_by("pk")
    some = fresh.select_for_update(skip_locked=True)[:MOST]
    entries = list(some.values_list("pk", "job", "state", "at", "items", "cost", "costliest"))
    jobs = Job.objects.filter(pk__in={job for _, job, *_ in entries})
    begun = dict(jobs.values_list("pk", "created_at"))
    sums: dict[Key, tuple[int, Decimal, Decimal]] = {}
    for _, job, state, at, items, cost, costliest in entries:
        if job in begun:  # Of a job that is gone nothing need be kept.
            key = job, state, stretch(at, begun[job])
            before = sums.get(key, (0, Decimal(0), Decimal(0)))
            sums[key] = before[0] + items, before[1] + cost, max(before[2], costliest)
    with connection.cursor() as cursor:
        # In one order, so that two keepers cannot lock each other out.
        cursor.executemany(ADD, [(*key, *sums[key]) for key in sorted(sums)])
    LedgerEntry.objects.filter(pk__in=[pk for pk, *_ in entries]).delete()
    return len(entries)


def stretch(at: datetime, begun: datetime) -> datetime:
    """The begin of the stretch that an instant of a job falls into; one takes 1, 2, 4 … seconds."""
    age = int(max(0.0, (at - begun).total_seconds()))
    seconds = 1 << max(0, (age // PARTS).bit_length() - 1)
    return begun + timedelta(seconds=age // seconds * seconds)
