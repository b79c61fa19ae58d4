"""The reconciliation's pages: a dry run, what it means, and its repair."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from enrichment.findings import Discrepancy, Finding, Reconciliation
from enrichment.models import Item
from enrichment.states import State
from mangaassist.models import AuditEntry
from tests.enrichment.factories import job_of

pytestmark = pytest.mark.django_db

PAGE = "/dashboard/reconciliation/"
DRY = Reconciliation.Repair.NOTHING


def lost_write() -> Reconciliation:
    """A dry run that has ended with one finding."""
    job = job_of(State.DONE, cost="0.25")
    run = Reconciliation.objects.create(
        job=job, repair=DRY, compared=1, found={"lost_write": 1}, ended_at=timezone.now()
    )
    item = Item.objects.get(job=job)
    Finding.objects.create(reconciliation=run, item=item, discrepancy=Discrepancy.LOST_WRITE)
    return run


def test_nothing_compared_yet_is_explained(client: Client, operator: User) -> None:
    assert "within a minute" in client.get(f"{PAGE}?lang=en").text


def test_an_operator_begins_one_run_however_often_the_button_is_pressed(
    client: Client, operator: User
) -> None:
    job = job_of(State.DONE)
    for _ in range(2):
        answer = client.post(f"{PAGE}begin", {"job": f"#{job.pk}", "repair": "nothing"})
    run = Reconciliation.objects.get()
    assert answer["Location"] == f"{PAGE}{run.pk}/"
    assert (run.job, run.repair, run.created_by) == (job, DRY, operator)
    assert AuditEntry.objects.get(action="reconcile").user == operator


def test_a_job_that_is_not_there_is_said_so(client: Client, operator: User) -> None:
    answer = client.post(f"{PAGE}begin?lang=en", {"job": "987654", "repair": "nothing"})
    assert answer.status_code == 400
    assert "There is no job of that number" in answer.text


def test_a_dry_run_says_what_its_repair_would_do_and_cost(client: Client, operator: User) -> None:
    run = lost_write()
    text = client.get(f"{PAGE}{run.pk}/?lang=en").text
    assert "lost write: 1" in text
    assert "Titles to ask of the model again: 1, for about $0.25" in text
    client.post(f"{PAGE}{run.pk}/repair")
    again = Reconciliation.objects.latest("pk")
    assert (again.job_id, again.repair) == (run.job_id, Reconciliation.Repair.ALL)


def test_a_run_that_got_no_further_says_why(client: Client, operator: User) -> None:
    run = lost_write()
    Reconciliation.objects.update(ended_at=None, failure="dynamodb:BatchGetItem was denied.")
    assert "dynamodb:BatchGetItem was denied." in client.get(f"{PAGE}{run.pk}/").text
    assert "got no further" in client.get(f"{PAGE}?lang=en").text


def test_a_viewer_looks_and_may_not_begin(client: Client, viewer: User) -> None:
    run = lost_write()
    assert f"{run.pk}/repair" not in client.get(f"{PAGE}{run.pk}/").text
    assert f"{PAGE}begin" not in client.get(PAGE).text
    assert client.post(f"{PAGE}begin").status_code == 403
    assert client.post(f"{PAGE}{run.pk}/repair").status_code == 403
