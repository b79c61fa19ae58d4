"""The list of jobs: what it finds, counts and says when there is nothing."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard import job_list
from dashboard.job_texts import JOB_WORDS
from dashboard.jobs import NO_KEEPER, NO_WORKER
from dashboard.texts import WORDS
from enrichment.models import Job, ScheduledRun
from enrichment.states import State
from tests.enrichment.factories import job_of, live_keeper, live_worker, make_job

pytestmark = pytest.mark.django_db

JOBS = "/dashboard/jobs/"


@pytest.fixture
def staff(client: Client) -> User:
    user = User.objects.create_superuser("staff")
    client.force_login(user)
    return user


def shown(client: Client, query: str = "") -> list[int]:
    """The numbers of the jobs on a page, in its order."""
    text = client.get(f"{JOBS}?lang=en&{query}").text
    return [int(number) for number in re.findall(r'<th scope="row"><a [^>]*>#(\d+) ', text)]


def test_jobs_are_found_by_state_name_number_and_owner(client: Client, staff: User) -> None:
    mine, other = make_job(created_by=staff), make_job()
    Job.objects.filter(pk=other.pk).update(state=Job.State.PAUSED)
    assert shown(client) == [other.pk, mine.pk]
    assert shown(client, "state=paused") == [other.pk]
    assert shown(client, "mine=1") == [mine.pk]
    assert shown(client, f"q={other.release.name[:-4]}") == [other.pk]
    assert mine.pk in shown(client, f"q=%23{mine.pk}")
    assert shown(client, f"mine=1&q={other.release.name}") == []


def test_the_chips_count_what_the_other_filters_leave(client: Client, staff: User) -> None:
    make_job(created_by=staff)
    Job.objects.filter(pk=make_job().pk).update(state=Job.State.DONE)
    counted = r'<a href="([^"]*)"[^>]*>(\w[\w ]*) <span class="number">(\d+)<'
    chips = re.findall(counted, client.get(f"{JOBS}?lang=en&mine=1&state=done").text)
    assert [(name, int(count)) for _, name, count in chips][:3] == [
        ("All", 1), ("running", 1), ("paused", 0),
    ]  # fmt: skip
    assert chips[1][0] == "?mine=1&amp;state=open"


def test_who_started_a_job_is_told(client: Client, staff: User) -> None:
    def told() -> str:
        found = re.search(r'data-word="By">([^<]*)<', client.get(f"{JOBS}?lang=en").text)
        return found[1] if found else ""

    job = make_job()
    assert told() == JOB_WORDS["by_command"].en
    job.run = ScheduledRun.objects.create(name="weekly", slot=timezone.now())
    job.save()
    assert told() == JOB_WORDS["by_schedule"].en
    job.created_by = staff
    job.save()
    assert told() == "staff"


def test_pages_lead_to_each_other_and_keep_the_filter(
    client: Client, staff: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(job_list, "SIZE", 2)
    jobs = [make_job(created_by=staff).pk for _ in range(3)]
    text = client.get(f"{JOBS}?mine=1").text
    assert f'href="?mine=1&amp;before={jobs[1]}" rel="next"' in text
    assert shown(client, f"before={jobs[1]}") == [jobs[0]]


@pytest.mark.parametrize("query", ["state=gone", "before=x", f"q={'x' * 101}"])
def test_a_question_that_nobody_can_answer_is_refused(
    client: Client, staff: User, query: str
) -> None:
    assert client.get(f"{JOBS}?{query}").status_code == 400


def test_nothing_is_explained(client: Client, staff: User) -> None:
    assert WORDS["no_jobs"].en in client.get(f"{JOBS}?lang=en").text
    assert JOB_WORDS["none_match"].ja in client.get(f"{JOBS}?lang=ja&q=x").text


def test_a_job_that_cannot_go_on_says_why_instead_of_a_time(client: Client, staff: User) -> None:
    job = job_of(*[State.DONE] * 9, State.PENDING)
    Job.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert NO_WORKER.en in client.get(f"{JOBS}?lang=en").text
    live_worker()
    assert NO_KEEPER.en in client.get(f"{JOBS}?lang=en").text
    live_keeper()
    assert WORDS["stalled"].en in client.get(f"{JOBS}?lang=en").text
    job.items.filter(state=State.DONE).update(ended_at=timezone.now())
    assert "about 3 s (1 s – 7 s)" in client.get(f"{JOBS}?lang=en").text


def test_a_full_page_is_small(client: Client, staff: User) -> None:
    for _ in range(30):
        job_of(State.DONE, State.FAILED, State.RUNNING, State.PENDING)
    response = client.get(JOBS)
    assert "style=" not in response.text
    assert len(response.content) < 50_000
