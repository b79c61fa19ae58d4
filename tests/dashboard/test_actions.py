"""Acting on a job: first a preview, then the change, once, by whoever may."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from dashboard.action_texts import ACTION_WORDS, ACTIONS
from enrichment import budget, jobs
from enrichment.effects import Action
from enrichment.models import Item, Job
from enrichment.states import State
from mangaassist.models import AuditEntry
from tests.enrichment.factories import job_of

STATES = (State.FAILED, State.FAILED, State.QUEUED, State.RUNNING, State.PENDING, State.DONE)


def address(job: Job, action: str) -> str:
    return reverse("dashboard:act", args=[job.pk, action])


def form_of(client: Client, job: Job, action: str, **query: Any) -> dict[str, str]:
    """The hidden fields of a preview."""
    text = client.get(address(job, action), {"lang": "en", **query}).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


@pytest.mark.parametrize(
    ("action", "touched", "says"),
    [
        (Action.PAUSE, 1, "1 queued items come back"),
        (Action.CANCEL, 2, "2 items that have not begun"),
        (Action.RETRY, 2, "2 failed items are tried again, for about $0.67"),
    ],
)
def test_a_preview_counts_and_changes_nothing(
    client: Client, operator: User, action: Action, touched: int, says: str
) -> None:
    job = job_of(*STATES, cost="0.166667")
    before = list(Item.objects.order_by("pk").values_list("state", flat=True))
    text = client.get(address(job, action), {"lang": "en"}).text
    assert says in text
    assert list(Item.objects.order_by("pk").values_list("state", flat=True)) == before
    answer = client.post(address(job, action), form_of(client, job, action), follow=True)
    assert ACTIONS[action].done.text("en", {"touched": touched}) in answer.text
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.action, entry.row) == (operator, action, str(job.pk))


def test_a_paused_job_goes_on(client: Client, operator: User) -> None:
    job = job_of(State.PENDING)
    Job.objects.filter(pk=job.pk).update(state=Job.State.PAUSED)
    client.post(address(job, "resume"), form_of(client, job, "resume"))
    job.refresh_from_db()
    assert job.state == Job.State.OPEN


@pytest.mark.parametrize(
    "narrow",
    [lambda item: {"item": item.pk}, lambda item: {"code": item.code}],
    ids=["item", "code"],
)
def test_a_retry_touches_only_what_was_asked_for(
    client: Client, operator: User, narrow: Callable[[Item], dict[str, Any]]
) -> None:
    job = job_of(*STATES)
    first = job.items.order_by("pk")[0]
    first.code = "truncated"
    first.save()
    form = form_of(client, job, "retry", **narrow(first))
    client.post(address(job, "retry"), form)
    assert list(job.items.order_by("pk").values_list("state", flat=True))[:2] == [
        "pending", "failed",
    ]  # fmt: skip


def test_a_double_click_acts_once(client: Client, operator: User) -> None:
    job = job_of(State.FAILED)
    form = form_of(client, job, "retry")
    client.post(address(job, "retry"), form)
    job.items.update(state=State.FAILED)
    again = client.post(address(job, "retry"), form, follow=True)
    assert ACTION_WORDS["twice"].en in again.text
    assert job.items.get().state == State.FAILED
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("action", [Action.PAUSE, Action.CANCEL])
def test_who_comes_too_late_is_told_that_nothing_changed(
    client: Client, operator: User, action: Action
) -> None:
    job = job_of(State.QUEUED)
    form = form_of(client, job, action)
    jobs.cancel(job.pk)
    text = client.post(f"{address(job, action)}?lang=en", form, follow=True).text
    assert ACTION_WORDS["unchanged"].en in text
    assert ACTIONS[action].done.text("en", {"touched": 0}) not in text


def test_a_job_without_sent_items_is_paused(client: Client, operator: User) -> None:
    job = job_of(State.PENDING)
    form = form_of(client, job, "pause")
    text = client.post(f"{address(job, 'pause')}?lang=en", form, follow=True).text
    assert ACTIONS[Action.PAUSE].done.text("en", {"touched": 0}) in text


def test_who_only_looks_is_offered_nothing_and_refused(client: Client, viewer: User) -> None:
    job = job_of(State.FAILED)
    assert address(job, "retry") not in client.get(reverse("dashboard:job", args=[job.pk])).text
    assert client.get(address(job, "retry")).status_code == 403
    assert client.post(address(job, "retry")).status_code == 403


def test_a_form_of_another_site_is_refused(operator: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(operator)
    job = job_of(State.FAILED)
    assert client.post(address(job, "retry"), {"once": "x"}).status_code == 403


@pytest.mark.parametrize(
    ("action", "form", "status"),
    [
        ("explode", {}, 404),
        ("retry", {}, 400),
        ("retry", {"once": "x"}, 400),
        ("retry", {"item": "x"}, 400),
        ("retry", {"code": "x" * 101}, 400),
        ("retry", {"code": "\0"}, 400),
        ("budget", {"budget": "-1"}, 400),
    ],
)
def test_what_no_form_of_ours_says_is_refused(
    client: Client, operator: User, action: str, form: dict[str, str], status: int
) -> None:
    assert client.post(address(job_of(State.FAILED), action), form).status_code == status


def test_an_action_without_an_object_is_explained(client: Client, operator: User) -> None:
    text = client.get(address(job_of(State.DONE), "retry"), {"lang": "en"}).text
    assert ACTION_WORDS["nothing"].en in text
    assert '<button id="confirm"' not in text


def held_job() -> Job:
    """One that has paused itself, because its budget of 0.60 USD is used up."""
    job = job_of(State.DONE, State.PENDING, cost="0.5")
    Job.objects.filter(pk=job.pk).update(budget="0.60")
    budget.hold(job.pk)
    return job


def test_a_held_job_says_why_and_goes_on_with_another_budget(
    client: Client, operator: User
) -> None:
    job = held_job()
    page = reverse("dashboard:job", args=[job.pk])
    text = client.get(page, {"lang": "en"}).text
    assert "has spent $1.0000 of its budget of $0.60" in text
    assert "paused itself, its budget is used up" in text
    assert address(job, "resume") not in text
    form = form_of(client, job, "budget") | {"budget": "2.20"}
    answer = client.post(f"{address(job, 'budget')}?lang=en", form, follow=True)
    assert ACTIONS[Action.BUDGET].done.en in answer.text
    assert "budget=2.20" in answer.text
    job.refresh_from_db()
    assert (job.state, job.held, str(job.budget)) == ("open", False, "2.20")


def test_a_held_job_is_not_said_to_go_on_with_the_budget_that_it_had(
    client: Client, operator: User
) -> None:
    job = held_job()
    form = form_of(client, job, "budget") | {"budget": "0.60"}
    answer = client.post(f"{address(job, 'budget')}?lang=en", form, follow=True)
    assert ACTION_WORDS["unchanged"].en in answer.text
    assert ACTIONS[Action.BUDGET].done.en not in answer.text
