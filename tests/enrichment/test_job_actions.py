"""Pausing, resuming, cancelling, retrying and moving jobs."""

from __future__ import annotations

import pytest

from enrichment import jobs
from enrichment.closing import close_jobs
from enrichment.dispatch import take
from enrichment.models import Item, Job
from enrichment.states import OPEN, State
from enrichment.window import Lane
from tests.enrichment.factories import job_of, make_job


@pytest.mark.django_db
def test_a_job_that_is_only_not_closed_yet_cannot_be_cancelled() -> None:
    job = job_of(State.DONE)
    assert jobs.cancel(job.pk) == 0
    close_jobs()
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@pytest.mark.django_db
def test_a_pause_takes_back_what_no_worker_has_begun() -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING, State.DONE)
    assert jobs.pause(job.pk) == 1
    states = job.items.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["pending", "pending", "running", "done"]


@pytest.mark.django_db
def test_nothing_of_a_paused_job_is_sent_until_it_goes_on() -> None:
    job = make_job()
    jobs.pause(job.pk)
    assert take() == []
    assert jobs.resume(job.pk)
    assert len(take()) == 1


@pytest.mark.django_db
def test_only_an_open_job_can_be_paused_and_only_a_paused_one_resumed() -> None:
    job = make_job()
    assert not jobs.resume(job.pk)
    jobs.cancel(job.pk)
    jobs.pause(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.CANCELLED


@pytest.mark.django_db
def test_a_paused_job_whose_items_have_ended_ends() -> None:
    job = job_of(State.DONE, State.RUNNING)
    jobs.pause(job.pk)
    job.items.update(state=State.DONE)
    close_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.DONE, {"done": 2})


@pytest.mark.django_db
def test_a_retry_leaves_a_paused_job_paused() -> None:
    job = job_of(State.PENDING, State.FAILED)
    jobs.pause(job.pk)
    assert jobs.retry(job.pk) == 1
    job.refresh_from_db()
    assert job.state == Job.State.PAUSED


@pytest.mark.django_db
def test_a_retry_may_name_a_cause() -> None:
    job = job_of(State.FAILED, State.FAILED, State.DONE)
    chosen = job.items.order_by("pk")[0]
    Item.objects.filter(pk=chosen.pk).update(code="truncated")
    assert jobs.retry(job.pk, code="truncated") == 1
    assert job.items.get(state=State.PENDING) == chosen


@pytest.mark.django_db
def test_cancelling_withdraws_what_no_worker_has() -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING, State.DONE)
    assert jobs.cancel(job.pk) == 2
    states = job.items.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "cancelled", "running", "done"]


@pytest.mark.django_db
def test_an_ended_job_cannot_be_cancelled() -> None:
    job = job_of(State.DONE)
    close_jobs()
    assert jobs.cancel(job.pk) == 0
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.QUARANTINED])
def test_a_retry_opens_the_job_and_gives_fresh_tries(state: State) -> None:
    job = job_of(State.DONE, state, tries=6)
    close_jobs()
    assert jobs.retry(job.pk) == 1
    job.refresh_from_db()
    assert (job.state, job.ended_at, job.counts, job.mailed_at) == ("open", None, None, None)
    assert job.items.get(state__in=OPEN).tries == 0


@pytest.mark.django_db
def test_a_retry_may_name_its_items() -> None:
    job = job_of(State.FAILED, State.FAILED)
    chosen = job.items.order_by("pk")[1]
    assert jobs.retry(job.pk, [chosen.pk]) == 1
    assert job.items.get(state=State.PENDING) == chosen


@pytest.mark.django_db
def test_a_retry_touches_no_item_of_another_job() -> None:
    job, other = make_job(), job_of(State.FAILED)
    assert jobs.retry(job.pk, [other.items.get().pk]) == 0


@pytest.mark.django_db
def test_a_cancelled_job_is_not_retried() -> None:
    job = job_of(State.FAILED, State.PENDING)
    jobs.cancel(job.pk)
    assert jobs.retry(job.pk) == 0


@pytest.mark.django_db
def test_on_the_way_to_the_low_lane_what_is_queued_comes_back() -> None:
    job = job_of(State.PENDING, State.QUEUED, State.RUNNING)
    assert jobs.move(job.pk, Lane.LOW) == 1
    job.refresh_from_db()
    assert (job.lane, job.items.filter(state=State.PENDING).count()) == (Lane.LOW, 2)


@pytest.mark.django_db
def test_on_the_way_to_the_normal_lane_nothing_comes_back() -> None:
    job = make_job(titles=20, lane=Lane.LOW)
    assert len(take()) == 10
    assert jobs.move(job.pk, Lane.NORMAL) == 0
    job.refresh_from_db()
    assert (job.lane, job.items.filter(state=State.QUEUED).count()) == (Lane.NORMAL, 10)


@pytest.mark.django_db
def test_an_ended_job_stays_in_its_lane() -> None:
    job = job_of(State.DONE)
    close_jobs()
    jobs.move(job.pk, Lane.LOW)
    job.refresh_from_db()
    assert job.lane == Lane.NORMAL
