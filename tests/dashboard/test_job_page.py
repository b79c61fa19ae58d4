"""The page of one job: its numbers, its filters, and what it says about time and cost."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.authtoken.models import Token

from dashboard.job_texts import JOB_WORDS
from enrichment import jobs
from enrichment.causes import RETRY
from enrichment.models import Item, Job, Title
from enrichment.obstacles import NO_WORKER
from enrichment.states import State
from mangaassist.pools import ENRICHMENT
from tests.enrichment.factories import job_of, live_keeper, live_worker, make_job


def page(client: Client, job: Job, **query: str) -> str:
    return client.get(reverse("dashboard:job", args=[job.pk]), {"lang": "en", **query}).text


def chips(text: str) -> dict[str, int]:
    found = re.findall(r">([\w: ]+) <span class=\"number\">(\d+)</span></a>", text)
    return {name: int(count) for name, count in found}


def rows(text: str) -> int:
    return text.count('<th scope="row"><a id="item-')


def test_a_job_tells_its_numbers_and_what_is_in_the_way(client: Client, viewer: User) -> None:
    text = page(client, job_of(*State))
    assert chips(text) == {"All": 8, **dict.fromkeys(
        ["waiting", "queued", "running", "done", "failed", "refused", "quarantined", "cancelled"], 1
    )}  # fmt: skip
    assert "1 of 8 are written to the catalogue, 3 failed." in text
    assert NO_WORKER.text("en", {"pool": ENRICHMENT.name}) in text


def test_time_and_cost_are_projected(client: Client, viewer: User) -> None:
    live_keeper()
    live_worker()
    job = job_of(*[State.DONE] * 9, *[State.PENDING] * 9)
    job.items.filter(state=State.DONE).update(ended_at=timezone.now(), cost="0.5")
    Job.objects.update(created_at=timezone.now() - timedelta(hours=1))
    text = page(client, job)
    assert "about 30 s (16 s – 67 s)" in text
    assert "$4.5000" in text
    assert "projected $9.00" in text


def test_failures_are_grouped_with_what_helps(client: Client, operator: User) -> None:
    job = job_of(State.FAILED, State.FAILED, State.DONE)
    Item.objects.filter(state=State.FAILED).update(code="odd", message="<b>strange</b>")
    text = page(client, job)
    assert RETRY.en in text
    assert "&lt;b&gt;strange" in text
    assert "Retry these 2" in text
    assert f"{reverse('dashboard:act', args=[job.pk, 'retry'])}?code=odd" in text


def test_nobody_is_offered_to_retry_nothing(client: Client, operator: User) -> None:
    assert "Retry failed" in page(client, job_of(State.FAILED, State.DONE))
    assert "Retry failed" not in page(client, job_of(State.DONE))


def test_the_options_are_told_in_words(client: Client, viewer: User) -> None:
    assert "あらすじ, タグ (日本語)" in page(client, job_of(State.DONE), lang="ja")


def test_items_are_found_by_state_cause_and_title(client: Client, viewer: User) -> None:
    job = job_of(State.FAILED, State.FAILED, State.DONE)
    first = job.items.order_by("pk")[0]
    Item.objects.filter(pk=first.pk).update(code="odd")
    assert rows(page(client, job)) == 3
    assert rows(page(client, job, state="failed")) == 2
    assert rows(page(client, job, state="failed", code="odd")) == 1
    assert rows(page(client, job, q=first.title_id)) == 1
    assert JOB_WORDS["no_items"].en in page(client, job, q="nobody")


@pytest.mark.parametrize("query", [{"state": "gone"}, {"before": "x"}])
def test_a_question_that_nobody_can_answer_is_refused(
    client: Client, viewer: User, query: dict[str, str]
) -> None:
    address = reverse("dashboard:job", args=[job_of(State.DONE).pk])
    assert client.get(address, query).status_code == 400


def test_the_timeline_tells_what_people_did(client: Client, operator: User) -> None:
    job = make_job()
    jobs.pause(job.pk, operator)
    jobs.resume(job.pk)
    text = page(client, job)
    happened = re.findall(r"</time> ([\w ]+) <span class=\"faint\">([^<·]+)", text)
    assert [(what, who.strip()) for what, who in happened] == [
        ("resumed", "by itself"), ("paused", "operator"), ("started", "by itself"),
    ]  # fmt: skip


def test_the_timeline_tells_of_notices_only_where_somebody_gets_them(
    client: Client, viewer: User, settings: Any
) -> None:
    job = job_of(State.DONE)
    Job.objects.update(mailed_at=timezone.now(), posted_at=timezone.now())
    assert "told by" not in page(client, job)
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    assert "told by e-mail" in page(client, job)


def test_the_call_that_a_page_names_gives_what_it_shows(client: Client, viewer: User) -> None:
    job = job_of(State.FAILED, State.DONE)
    call = re.findall(r"&quot;http://testserver([^&]*)&quot;", page(client, job, state="failed"))[1]
    key = Token.objects.create(user=viewer).key
    found = Client(headers={"Authorization": f"Token {key}"}).get(call).json()["results"]
    assert [item["state"] for item in found] == ["failed"]


def test_a_part_that_a_page_has_is_not_sent_again(client: Client, viewer: User) -> None:
    job = job_of(State.PENDING)
    address = reverse("dashboard:job_live", args=[job.pk])
    first = client.get(address)
    known = {"If-None-Match": first["ETag"]}
    assert client.get(address, headers=known).status_code == 304
    job.items.update(state=State.DONE)
    assert client.get(address, headers=known).status_code == 200


@pytest.mark.django_db
def test_a_job_is_for_those_who_may_look(client: Client) -> None:
    job = job_of(State.DONE)
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    for name in ("job", "job_live"):
        assert client.get(reverse(f"dashboard:{name}", args=[job.pk])).status_code == 403


def test_a_page_with_long_messages_and_titles_is_small(client: Client, operator: User) -> None:
    job = job_of(*[State.FAILED] * 60, message="長い説明" * 500)
    for number, item in enumerate(job.items.all()):
        Item.objects.filter(pk=item.pk).update(code=f"cause_{number % 20}")
    Title.objects.update(title_jp="長" * 300, note="注" * 2_000)
    text = page(client, job)
    assert "style=" not in text
    assert len(text.encode()) < 100_000
