"""The chart of a job over time ends at what is true now."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from dashboard.flow import HEIGHT, MOST, WIDTH, flow
from enrichment.folding import fold
from enrichment.ledger import LedgerEntry
from enrichment.models import Job
from enrichment.states import State
from tests.enrichment.factories import job_of

pytestmark = pytest.mark.django_db


def over(job: Job, span: timedelta) -> Job:
    """The job, begun so long ago, whose items were worked on one after the other since then."""
    now = timezone.now()
    Job.objects.filter(pk=job.pk).update(created_at=now - span)
    LedgerEntry.objects.filter(job=job).delete()
    states = job.items.exclude(state__in=[State.PENDING, State.QUEUED]).values_list("state")
    for number, (state,) in enumerate(states.order_by("pk")):
        begun = now - span + number * span / len(states)
        enter(job, State.RUNNING, begun)
        if state != State.RUNNING:
            enter(job, State.RUNNING, begun + span / 100, -1)
            enter(job, State(state), begun + span / 100)
    fold()
    job.refresh_from_db()
    return job


def enter(job: Job, state: State, at: datetime, items: int = 1) -> None:
    LedgerEntry.objects.create(job=job, state=state, at=at, items=items, cost=0)


@pytest.mark.parametrize("span", [timedelta(minutes=5), timedelta(hours=5), timedelta(days=5)])
def test_its_last_moment_has_the_counts_of_the_job(span: timedelta) -> None:
    states = [State.DONE] * 5 + [State.FAILED, State.REFUSED, State.RUNNING, State.CANCELLED]
    last = flow(over(job_of(*states, State.PENDING, State.QUEUED), span)).moments[-1]
    assert (last.begun, last.ended, last.done) == (8, 7, 5)


def test_it_never_falls_and_stays_short() -> None:
    moments = flow(over(job_of(*[State.DONE] * 80), timedelta(minutes=10))).moments
    assert len(moments) <= MOST
    for name in ("at", "begun", "ended", "done"):
        values = [getattr(moment, name) for moment in moments]
        assert values == sorted(values)


def test_a_retry_takes_its_items_back() -> None:
    job = over(job_of(State.FAILED, State.FAILED), timedelta(hours=1))
    job.items.update(state=State.PENDING)
    *_, before, last = flow(job).moments
    assert (before.ended, last.ended) == (2, 0)


def test_areas_lie_within_the_picture() -> None:
    found = flow(over(job_of(*[State.DONE] * 4, State.RUNNING), timedelta(hours=1)))
    for _, points in found.areas:
        pairs = [tuple(map(float, pair.split(","))) for pair in points.split()]
        assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in pairs)
        assert pairs[0] == (0, HEIGHT)
        assert pairs[-1] == (WIDTH, HEIGHT)


def test_a_job_that_has_not_begun_has_flat_areas() -> None:
    assert {points for _, points in flow(job_of(State.PENDING)).areas} == {
        f"0,{HEIGHT} {WIDTH},{HEIGHT}.0 {WIDTH},{HEIGHT}"
    }
