"""Three-way comparisons of the real database, the real queue and the real catalogue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from enrichment import reconciliation as comparing
from enrichment import reconciling
from enrichment.closing import close_jobs
from enrichment.database import STORE
from enrichment.enrich import enrich
from enrichment.findings import Reconciliation
from enrichment.models import Item, Job, Unindexed
from enrichment.sending import send
from enrichment.states import State
from enrichment.tasks import reconcile
from mangaassist import aws
from mangaassist.models import AuditEntry
from mangaassist.resources import CATALOG_TABLE
from tests.enrichment.factories import make_job
from tests.simulator import Simulator

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("provisioned", "new_gate"),
]
Repair = Reconciliation.Repair


def enriched(titles: int = 2) -> Job:
    """A job that has ended well."""
    job = make_job(titles)
    for sent in STORE.dispatch(job.pk, titles):
        enrich(sent.item, sent.delivery)
    close_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.DONE
    return job


def run(repair: Repair, job: Job | None = None) -> Reconciliation:
    made = comparing.begin(repair, job)
    comparing.carry_out(made.pk)
    made.refresh_from_db()
    assert made.ended_at
    return made


def forget(item: Item) -> None:
    """Takes a title's row out of the catalogue."""
    key = {CATALOG_TABLE.key: {"S": item.title_id}}
    aws.dynamodb().delete_item(TableName=CATALOG_TABLE.name, Key=key)


def test_a_job_that_agrees_with_the_catalogue_has_no_findings(simulator: Simulator) -> None:
    found = run(Repair.ALL, enriched())
    assert (found.compared, found.found, found.repaired, found.duplicates) == (2, {}, {}, 0)


def test_a_dry_run_names_a_lost_write_and_changes_nothing(simulator: Simulator) -> None:
    job = enriched()
    item = job.items.first()
    assert item
    forget(item)
    found = run(Repair.NOTHING, job)
    assert (found.found, found.repaired) == ({"lost_write": 1}, {})
    assert [(f.item_id, f.discrepancy) for f in found.findings.all()] == [(item.pk, "lost_write")]
    assert STORE.counts(job.pk) == {State.DONE: 2}


def test_a_lost_write_is_bought_again_only_when_staff_say_so(simulator: Simulator) -> None:
    job = enriched()
    item = job.items.first()
    assert item
    forget(item)
    assert run(Repair.FREE, job).repaired == {}
    assert run(Repair.ALL, job).repaired == {"lost_write": 1}
    job.refresh_from_db()
    assert (job.state, job.ended_at) == (Job.State.OPEN, None)
    assert STORE.counts(job.pk) == {State.DONE: 1, State.PENDING: 1}
    for sent in STORE.dispatch(job.pk, 5):
        enrich(sent.item, sent.delivery)
    assert run(Repair.NOTHING, job).found == {}


def test_what_was_paid_for_is_taken_over_without_another_call(simulator: Simulator) -> None:
    job = enriched()
    Item.objects.filter(job=job).update(state=State.QUARANTINED, code="worker_lost", crashes=3)
    job.state = Job.State.FAILED
    job.save()
    calls = simulator.stats()["calls"]
    assert run(Repair.FREE, job).repaired == {"lost_status": 2}
    close_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.DONE, {"done": 2})
    assert simulator.stats()["calls"] == calls
    assert Unindexed.objects.count() == 2 * 2
    assert AuditEntry.objects.filter(action="repair", row=str(job.pk)).exists()


def test_queued_items_of_an_empty_queue_are_sent_again(simulator: Simulator) -> None:
    job = make_job(1)
    STORE.dispatch(job.pk, 1)
    Item.objects.update(queued_at=Now() - timedelta(minutes=2))
    assert run(Repair.FREE, job).repaired == {"lost_message": 1}
    assert STORE.counts(job.pk) == {State.PENDING: 1}


def test_messages_beyond_what_is_outstanding_are_counted(simulator: Simulator) -> None:
    job = make_job(2)
    send(STORE.dispatch(job.pk, 2))
    STORE.recall(job.pk)
    assert run(Repair.FREE, job).duplicates == 2


def test_a_second_worker_with_the_same_run_counts_nothing_twice(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = enriched()
    Item.objects.filter(job=job).update(state=State.FAILED)
    made = comparing.begin(Repair.NOTHING, job)
    compare = comparing._compare

    def overtaken(items: list[Item]) -> list[comparing.Found]:
        monkeypatch.setattr(comparing, "_compare", compare)
        comparing.carry_out(made.pk)
        return compare(items)

    monkeypatch.setattr(comparing, "_compare", overtaken)
    comparing.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.compared, made.found) == (2, {"lost_status": 2})


def test_a_run_goes_on_where_it_stopped(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(comparing, "BATCH", 1)
    job = enriched(3)
    Item.objects.filter(job=job).update(state=State.FAILED)
    first = job.items.order_by("pk").first()
    assert first
    made = comparing.begin(Repair.NOTHING, job)
    Reconciliation.objects.update(cursor=first.pk, compared=1, found={"lost_status": 1})
    comparing.carry_out(made.pk)
    made.refresh_from_db()
    assert (made.compared, made.found) == (3, {"lost_status": 3})


def test_a_run_says_why_it_got_no_further_and_is_sent_again(simulator: Simulator) -> None:
    made = comparing.begin(Repair.FREE, enriched())
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    reconcile(made.pk)
    made.refresh_from_db()
    assert made.ended_at is None
    assert CATALOG_TABLE.name in made.failure
    Reconciliation.objects.update(beat_at=Now() - reconciling.PATIENCE * 2)
    assert reconciling.dispatch() == 1


def test_keepers_begin_one_run_an_hour_and_send_it_once(simulator: Simulator) -> None:
    for _ in range(2):
        reconciling.begin_scheduled()
    assert (reconciling.dispatch(), reconciling.dispatch()) == (1, 0)
    made = Reconciliation.objects.get()
    reconcile(made.pk)
    reconciling.begin_scheduled()
    assert Reconciliation.objects.count() == 1
    Reconciliation.objects.update(created_at=timezone.now() - timedelta(hours=2))
    reconciling.begin_scheduled()
    assert Reconciliation.objects.count() == 2


def test_a_scheduled_run_looks_at_what_ended_since_the_last_one(simulator: Simulator) -> None:
    job = enriched(2)
    old = job.items.first()
    assert old
    Item.objects.filter(pk=old.pk).update(ended_at=Now() - timedelta(days=2))
    reconciling.begin_scheduled()
    made = Reconciliation.objects.get()
    comparing.carry_out(made.pk)
    made.refresh_from_db()
    assert made.compared == 1
