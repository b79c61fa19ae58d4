"""A job ends once, with its counts, when nothing of it is left to do."""

from __future__ import annotations

import pytest
from django.utils import timezone

from enrichment import jobs
from enrichment.closing import close, close_jobs
from enrichment.models import Item, Job
from enrichment.states import OPEN, State
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def ended_job(*states: State) -> Job:
    """A job whose items are in these states."""
    job = make_job(titles=len(states))
    for item, state in zip(job.items.all(), states, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state, ended_at=timezone.now())
    return job


def test_a_job_with_every_item_done_is_done() -> None:
    job = ended_job(State.DONE, State.DONE)
    assert close_jobs() == 1
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.DONE, {"done": 2})
    assert job.ended_at


@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.QUARANTINED])
def test_a_job_with_one_item_that_is_not_done_has_failed(state: State) -> None:
    job = ended_job(State.DONE, state)
    close_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.FAILED, {"done": 1, state.value: 1})


@pytest.mark.parametrize("state", sorted(OPEN))
def test_a_job_with_something_left_to_do_stays_open(state: State) -> None:
    job = ended_job(State.DONE, state)
    assert close_jobs() == 0
    assert not close(job.pk)


def test_a_cancelled_job_ends_as_cancelled() -> None:
    job = make_job(titles=2)
    jobs.cancel(job.pk)
    close_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.CANCELLED, {"cancelled": 2})


def test_an_item_that_comes_back_to_a_cancelled_job_is_cancelled_too() -> None:
    job = make_job(titles=1)
    job.items.update(state=State.RUNNING)
    jobs.cancel(job.pk)
    assert close_jobs() == 0
    job.items.update(state=State.PENDING)
    assert close_jobs() == 1
    assert job.items.get().state == State.CANCELLED


def test_a_retry_opens_the_job_again() -> None:
    job = ended_job(State.DONE, State.FAILED)
    close_jobs()
    assert jobs.retry(job.pk) == 1
    job.refresh_from_db()
    assert (job.state, job.ended_at, job.counts) == (Job.State.OPEN, None, None)
