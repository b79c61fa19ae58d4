"""Gauges of items, releases and jobs."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from enrichment import gauges
from enrichment.models import Item, Job, Unindexed
from enrichment.states import State
from tests.enrichment.factories import job_of, live_worker

pytestmark = pytest.mark.django_db


def measured() -> dict[tuple[str, str], float]:
    return {
        (metric.name, "".join(dimensions.values())): value
        for metric, value, dimensions in gauges.items()
    }


def ago(**time: float) -> datetime:
    return timezone.now() - timedelta(**time)


def test_items_are_counted_where_they_wait() -> None:
    live_worker(permits=10)
    job_of(State.PENDING, State.PENDING, State.QUEUED, State.RUNNING, State.DONE)
    found = measured()
    assert found["Pending", "enrichment"] == 2
    assert found["Outstanding", "enrichment"] == 2
    assert found["Backlog", "enrichment"] == 4
    assert found["Window", "enrichment"] == 30


def test_a_paused_jobs_items_wait_for_staff_and_not_for_workers() -> None:
    job = job_of(State.PENDING)
    Job.objects.filter(pk=job.pk).update(state=Job.State.PAUSED)
    assert measured()["Pending", "enrichment"] == 0


def test_the_oldest_message_is_the_one_that_was_sent_first() -> None:
    job_of(State.QUEUED, queued_at=ago(seconds=100))
    job_of(State.RUNNING, queued_at=ago(seconds=500))
    age = measured()["OldestMessageAge", "manga-enrichment-queue.fifo"]
    assert age == pytest.approx(100, abs=5)


def test_the_oldest_waiting_job_says_how_long_items_wait() -> None:
    job = job_of(State.PENDING)
    Job.objects.filter(pk=job.pk).update(created_at=ago(seconds=300))
    assert measured()["OldestPendingAge", "enrichment"] == pytest.approx(300, abs=5)


def test_the_oldest_change_says_how_far_the_search_is_behind() -> None:
    for seconds in (400, 10):
        Unindexed.objects.create(title_id="T1", changed_at=ago(seconds=seconds))
    Unindexed.objects.create(title_id="T2", changed_at=ago(seconds=500), version=1)
    found = measured()
    assert found["Unindexed", ""] == 2
    assert found["SearchLag", ""] == pytest.approx(400, abs=5)


def test_nothing_has_no_age() -> None:
    found = measured()
    assert found["SearchLag", ""] == 0
    assert found["OldestMessageAge", "manga-enrichment-queue.fifo"] == 0
    assert found["OldestPendingAge", "enrichment"] == 0


def old_job(*states: State, **fields: object) -> Job:
    job = job_of(*states, **fields)
    Job.objects.filter(pk=job.pk).update(created_at=ago(minutes=11))
    return job


def test_a_job_of_which_nothing_began_or_ended_for_ten_minutes_is_stuck() -> None:
    old_job(State.PENDING, State.RUNNING, started_at=ago(minutes=11))
    assert measured()["JobStuck", ""] == 1


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        (State.RUNNING, {"started_at": timedelta(minutes=1)}),
        (State.DONE, {"ended_at": timedelta(minutes=1)}),
    ],
)
def test_a_job_that_moves_is_not_stuck(state: State, fields: dict[str, timedelta]) -> None:
    job = old_job(State.PENDING, state)
    times = {name: timezone.now() - time for name, time in fields.items()}
    Item.objects.filter(job=job, state=state).update(**times)
    assert measured()["JobStuck", ""] == 0


def test_a_new_a_paused_and_an_ended_job_are_not_stuck() -> None:
    job_of(State.PENDING)
    for state in (Job.State.PAUSED, Job.State.DONE):
        job = old_job(State.PENDING)
        Job.objects.filter(pk=job.pk).update(state=state)
    assert measured()["JobStuck", ""] == 0
