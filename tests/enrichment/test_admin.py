"""The admin as staff use it: lists, filters, searches, pages and actions."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from enrichment.closing import close_jobs
from enrichment.models import Item, Job, ScheduledRun, Title
from enrichment.states import State
from enrichment.window import Lane
from mangaassist.models import PoolState, WorkerBeat
from tests.enrichment.factories import job_of, make_release

pytestmark = pytest.mark.django_db

LISTS = [
    "enrichment_title", "enrichment_release", "enrichment_rowerror", "enrichment_job",
    "enrichment_item", "enrichment_scheduledrun", "mangaassist_poolstate", "mangaassist_workerbeat",
]  # fmt: skip


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    return client


def list_of(model: str, **query: object) -> str:
    text = "&".join(f"{name}={value}" for name, value in query.items())
    return f"{reverse(f'admin:{model}_changelist')}?{text}"


def page_of(row: Any) -> str:
    model = f"{row._meta.app_label}_{row._meta.model_name}"
    return reverse(f"admin:{model}_change", args=[row.pk])


def text_of(client: Client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, action: str, *rows: Any) -> str:
    """Runs an action on rows and returns what the page then says."""
    address = reverse(f"admin:enrichment_{rows[0]._meta.model_name}_changelist")
    chosen = {"action": action, "_selected_action": [row.pk for row in rows]}
    return client.post(address, chosen, follow=True).content.decode()


def rows_of_every_kind() -> list[Any]:
    """One row of each model, with everything filled in that a page shows."""
    now = timezone.now()
    release = make_release("id,titleJp\nA,x\n!,y\n")
    job = job_of(*State, ended_at=now, started_at=now, code="bad_answer", message="長い説明")
    pool = PoolState.objects.create(pool="enrichment", blocked_at=now, code="AccessDenied")
    beat = WorkerBeat.objects.create(
        worker="a:1", pool="enrichment", permits=10, in_use=3, done=5, failed=1, started_at=now,
        last_poll_at=now, beat_at=now,
    )  # fmt: skip
    title = Title.objects.all()[0]
    run = ScheduledRun.objects.create(name="weekly", slot=now)
    return [title, release, release.errors.get(), job, run, pool, beat]


@pytest.mark.parametrize("model", LISTS)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_every_list_opens(staff: Client, model: str, language: str) -> None:
    rows_of_every_kind()
    staff.cookies["django_language"] = language
    text_of(staff, list_of(model))


@pytest.mark.parametrize("model", LISTS)
def test_every_list_opens_while_it_is_empty(staff: Client, model: str) -> None:
    text_of(staff, list_of(model))


def test_every_page_opens_and_offers_no_form(staff: Client) -> None:
    for row in rows_of_every_kind():
        assert 'name="_save"' not in text_of(staff, page_of(row))


def test_a_page_posted_by_hand_changes_nothing(staff: Client) -> None:
    job = job_of(State.PENDING)
    assert staff.post(page_of(job), {"weight": 9}).status_code == 403
    job.refresh_from_db()
    assert job.weight == 1


def test_times_are_those_of_tokyo(staff: Client) -> None:
    job = job_of(State.DONE)
    moment = timezone.datetime(2026, 11, 23, 15, 30, tzinfo=timezone.get_fixed_timezone(0))  # type: ignore[attr-defined]
    Job.objects.filter(pk=job.pk).update(created_at=moment)
    assert "2026年11月24日0:30" in text_of(staff, page_of(job))


@pytest.mark.parametrize("model", ["enrichment_job", "enrichment_item", "enrichment_release"])
def test_a_longer_list_takes_no_more_queries(staff: Client, model: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            text_of(staff, list_of(model))
        return len(captured)

    job_of(State.DONE, State.PENDING)
    few = queries()
    for _ in range(5):
        job_of(State.DONE, State.PENDING)
    assert queries() == few


def test_the_job_list_tells_how_far_open_and_ended_jobs_are(staff: Client) -> None:
    job_of(State.DONE, State.FAILED)
    close_jobs()
    job_of(State.DONE, State.DONE, State.DONE, State.PENDING)
    text = text_of(staff, list_of("enrichment_job")).replace("\u00a0", " ")
    assert "1 / 2 (50 %)" in text
    assert "3 / 4 (75 %)" in text


def test_a_job_page_leads_to_its_items_by_state(staff: Client) -> None:
    job = job_of(State.FAILED, State.FAILED, State.DONE)
    other = job_of(State.FAILED)
    link = list_of("enrichment_item", job=job.pk, state__exact="failed")
    assert f'href="{link}">2 failed'.replace("&", "&amp;") in text_of(staff, page_of(job))
    text = text_of(staff, link)
    assert all(page_of(item) in text for item in job.items.filter(state=State.FAILED))
    assert page_of(job.items.get(state=State.DONE)) not in text
    assert page_of(other.items.get()) not in text


def test_a_job_page_says_what_is_in_the_way(staff: Client) -> None:
    assert "動いているワーカーがありません" in text_of(staff, page_of(job_of(State.PENDING)))


def test_an_item_page_shows_why_its_result_cannot_be_read(staff: Client, account: None) -> None:
    text = text_of(staff, page_of(job_of(State.DONE).items.get()))
    assert "dynamodb:GetItem on table manga-catalog" in text


def test_items_are_filtered_by_cause(staff: Client) -> None:
    bad = job_of(State.FAILED, code="bad_answer").items.get()
    refused = job_of(State.REFUSED, code="refused").items.get()
    text = text_of(staff, list_of("enrichment_item", code="bad_answer"))
    assert page_of(bad) in text
    assert page_of(refused) not in text


@pytest.mark.parametrize("query", ["job=nonsense", "job=999", "code=nonsense", "state__exact=x"])
def test_a_filter_with_nonsense_is_no_error(staff: Client, query: str) -> None:
    job_of(State.DONE)
    text_of(staff, f"{reverse('admin:enrichment_item_changelist')}?{query}")


@pytest.mark.parametrize(
    ("model", "asked"),
    [("item", "ひまわり"), ("title", "ひまわり"), ("job", "release-"), ("release", "release-")],
)
def test_records_are_found_by_search(staff: Client, model: str, asked: str) -> None:
    job = job_of(State.DONE)
    found = {
        "item": job.items.get(), "title": job.items.get().title, "job": job, "release": job.release,
    }[model]  # fmt: skip
    assert page_of(found) in text_of(staff, list_of(f"enrichment_{model}", q=asked))
    assert page_of(found) not in text_of(staff, list_of(f"enrichment_{model}", q="absent"))


def test_a_release_leads_to_its_bad_rows_with_their_reasons(staff: Client) -> None:
    release = make_release("id,titleJp\nA,x\n!,y\n")
    link = list_of("enrichment_rowerror", release__id__exact=release.pk)
    assert link in text_of(staff, page_of(release))
    assert "使えない文字" in text_of(staff, link)


def test_a_refused_release_says_why(staff: Client) -> None:
    assert "ファイルが空です" in text_of(staff, page_of(make_release("")))


def test_jobs_are_paused_and_resumed(staff: Client) -> None:
    job = job_of(State.QUEUED, State.RUNNING)
    assert "1 queued items came back" in act(staff, "pause", job)
    assert "1 jobs go on" in act(staff, "resume", job)


def test_jobs_are_cancelled(staff: Client) -> None:
    job = job_of(State.PENDING, State.RUNNING)
    assert "1 items were cancelled" in act(staff, "cancel", job)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


def test_jobs_are_retried(staff: Client) -> None:
    first, second = job_of(State.FAILED, State.DONE), job_of(State.REFUSED)
    assert "2 items will be tried again" in act(staff, "retry", first, second)
    assert Item.objects.filter(state=State.PENDING).count() == 2


def test_chosen_items_are_retried_and_their_job_opens(staff: Client) -> None:
    job = job_of(State.FAILED, State.FAILED, State.DONE)
    close_jobs()
    failed, _, done = job.items.order_by("pk")
    assert "1 items will be tried again" in act(staff, "retry", failed, done)
    job.refresh_from_db()
    assert job.state == Job.State.OPEN
    assert job.items.get(state=State.PENDING) == failed


def test_jobs_change_their_lane(staff: Client) -> None:
    job = job_of(State.QUEUED, State.RUNNING)
    assert "1 queued items came back" in act(staff, "move_back", job)
    assert page_of(job) in text_of(staff, list_of("enrichment_job", lane__exact="low"))
    act(staff, "move_up", job)
    job.refresh_from_db()
    assert job.lane == Lane.NORMAL


def test_releases_are_marked_for_the_weekly_run(staff: Client) -> None:
    release, refused, empty = (
        make_release(text) for text in ("id,titleJp\nA,x\n", "", "id,titleJp\n!,y\n")
    )
    text = act(staff, "mark", release, refused, empty)
    assert text.count("starts with the weekly run") == 1
    assert "登録できる行がありません" in text
    assert "it is refused" in text
    assert "10:00" in text_of(staff, page_of(release))
    assert "1 releases do not start" in act(staff, "unmark", release, empty)


def test_a_run_leads_to_its_jobs(staff: Client) -> None:
    run = ScheduledRun.objects.create(name="weekly", slot=timezone.now())
    job, other = job_of(State.DONE), job_of(State.DONE)
    Job.objects.filter(pk=job.pk).update(run=run)
    link = list_of("enrichment_job", run=run.pk)
    assert link in text_of(staff, list_of("enrichment_scheduledrun"))
    assert page_of(job) in text_of(staff, link)
    assert page_of(other) not in text_of(staff, link)


@pytest.mark.parametrize(
    ("missed", "ended", "words"),
    [(False, False, "going on"), (False, True, "ended"), (True, True, "missed")],
)
def test_a_run_says_what_became_of_it(staff: Client, missed: bool, ended: bool, words: str) -> None:
    now = timezone.now()
    ScheduledRun.objects.create(
        name="weekly", slot=now, missed=missed, ended_at=now if ended else None
    )
    text = text_of(staff, list_of("enrichment_scheduledrun"))
    assert f'<td class="field-state">{words}</td>' in text


def test_who_may_only_look_gets_no_actions() -> None:
    user = User.objects.create(username="viewer", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_job"))
    viewer = Client()
    viewer.force_login(user)
    job = job_of(State.PENDING)
    assert page_of(job) in text_of(viewer, list_of("enrichment_job"))
    act(viewer, "cancel", job)
    job.refresh_from_db()
    assert job.state == Job.State.OPEN


def test_nobody_gets_in_without_logging_in() -> None:
    answer = Client().get(list_of("enrichment_job"))
    assert answer.status_code == 302
    assert "/admin/login/" in answer.headers["Location"]
