"""The ledger's sums are the items' counts and costs, whoever changes items, folded or not."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Max, Sum

from enrichment import jobs
from enrichment.database import STORE
from enrichment.folding import PARTS, fold, stretch
from enrichment.ledger import LedgerEntry, Spending, spending
from enrichment.models import Item, Job
from enrichment.progress import progress
from enrichment.states import State
from enrichment.store import Outcome, Usage
from tests.enrichment.factories import job_of, make_burst, make_job
from tests.migrating import migrate, newest

__all__ = ["newest"]

BEGUN = datetime(2026, 1, 1, 9, tzinfo=UTC)


def check(job: Job) -> None:
    job.refresh_from_db()
    found = progress(job)
    assert found.counts.by_state == STORE.counts(job.pk)
    paid, costliest = (
        job.items.aggregate(cost=of("cost"))["cost"] or Decimal(0) for of in (Sum, Max)
    )
    assert (found.cost, spending([job.pk])[job.pk]) == (paid, Spending(paid, costliest))


def work(job: Job) -> None:
    (send,) = STORE.dispatch(job.pk, 1)
    STORE.claim(send.item, send.delivery, "worker")
    usage = Usage(1, 9, 3, Decimal("0.012345"))
    STORE.settle(send.item, send.delivery, Outcome(State.DONE, usage=usage))


CHANGES: list[Callable[[Job], object]] = [
    work,
    lambda job: STORE.dispatch(job.pk, 5),
    lambda job: STORE.recall(job.pk),
    lambda job: STORE.cancel(job.pk),
    lambda job: STORE.redo([item.pk for item in job.items.all()]),
    lambda job: jobs.retry(job.pk),
    lambda job: job.items.update(cost=Decimal("0.5")),
    lambda job: Item.objects.filter(job=job, state=State.FAILED).delete(),
]


@pytest.mark.django_db
def test_it_agrees_with_the_items_whatever_happens() -> None:
    job = make_job(6)
    job.items.filter(pk=job.items.first().pk).update(state=State.FAILED)  # type: ignore[union-attr]
    for change in CHANGES:
        change(job)
        check(job)
        fold()
        check(job)


@pytest.mark.django_db
def test_many_changes_become_few_entries() -> None:
    job = make_burst(50)
    for _ in range(5):
        work(job)
    fold()
    assert LedgerEntry.objects.filter(job=job, folded=False).count() == 0
    assert LedgerEntry.objects.filter(job=job).count() <= 3 * len(State)
    assert fold() == 0


@pytest.mark.django_db
def test_a_change_of_something_else_writes_nothing() -> None:
    job = job_of(State.RUNNING)
    before = LedgerEntry.objects.count()
    STORE.extend("", [item.pk for item in job.items.all()])
    job.items.update(message="odd")
    assert LedgerEntry.objects.count() == before


@pytest.mark.django_db
def test_nothing_stays_of_a_job_that_is_gone() -> None:
    job_of(State.DONE, State.PENDING).delete()
    fold()
    assert not LedgerEntry.objects.exists()


def test_stretches_follow_each_other_and_grow_with_the_age() -> None:
    instants = [BEGUN + timedelta(seconds=second / 3) for second in range(20_000)]
    begins = [stretch(instant, BEGUN) for instant in instants]
    assert begins == sorted(begins)
    for instant, begin in zip(instants, begins, strict=True):
        age = (instant - BEGUN).total_seconds()
        assert 0 <= (instant - begin).total_seconds() < max(1.0, age / PARTS) + 1


@pytest.mark.django_db(transaction=True)
def test_items_from_before_the_ledger_are_in_it(newest: None) -> None:
    migrate("enrichment", "0014_rows_taken_in_part")
    job = job_of(State.DONE, State.DONE, State.FAILED, State.PENDING, cost=Decimal("0.25"))
    for version in ("0015_ledger", "0019_costliest_item"):
        migrate("enrichment", version)
    check(job)
    fold()
    check(job)


@pytest.mark.django_db(transaction=True)
def test_the_costliest_item_of_a_job_that_was_already_open_is_known(newest: None) -> None:
    migrate("enrichment", "0018_items_by_state")
    job = job_of(State.DONE, State.PENDING, cost=Decimal("0.25"))
    migrate("enrichment", "0019_costliest_item")
    check(job)


@pytest.mark.django_db(transaction=True)
def test_a_keeper_of_the_old_version_still_folds_after_the_migration(newest: None) -> None:
    job = job_of(State.DONE, cost=Decimal("0.25"))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO enrichment_ledgerentry (job_id, state, at, items, cost, folded)"
            " VALUES (%s, 'done', now(), 1, 0.1, true)",
            [job.pk],
        )
    assert spending([job.pk])[job.pk] == Spending(Decimal("0.35"), Decimal("0.25"))
