"""How far a job is, and why it does not get further."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from enrichment import jobs
from enrichment.closing import close_jobs
from enrichment.models import Item, Job
from enrichment.progress import RATE_OVER, Counts, Progress, counts, progress
from enrichment.states import State
from mangaassist.scaling.forecast import Forecast, Outlook
from tests.enrichment.factories import job_of

pytestmark = pytest.mark.django_db


def test_the_numbers_add_up() -> None:
    found = progress(job_of(*State)).counts
    assert found.total == len(State) == sum(found.by_state.values())
    assert found.done + found.failed + found.cancelled + found.open == found.total
    assert (found.done, found.failed, found.cancelled, found.open) == (1, 3, 1, 3)


def test_an_ended_job_tells_its_frozen_counts() -> None:
    job = job_of(State.DONE, State.FAILED)
    close_jobs()
    Item.objects.update(state=State.PENDING)
    job.refresh_from_db()
    assert progress(job).counts.by_state == {"done": 1, "failed": 1}


def test_the_counts_of_many_jobs_take_one_query() -> None:
    several = [job_of(State.DONE, State.PENDING) for _ in range(5)]
    with CaptureQueriesContext(connection) as queries:
        found = counts(several)
    assert len(queries) == 1
    assert [found[job.pk].done for job in several] == [1] * 5


def test_the_cost_is_that_of_all_items() -> None:
    assert progress(job_of(State.DONE, State.FAILED, cost=Decimal("0.25"))).cost == Decimal("0.5")


def test_the_rate_counts_what_ended_lately() -> None:
    job = job_of(State.DONE, State.DONE, State.PENDING, ended_at=Now())
    Item.objects.filter(state=State.PENDING).update(ended_at=None)
    Job.objects.update(created_at=Now() - timedelta(hours=1))
    job.refresh_from_db()
    now = progress(job)
    assert now.rate == pytest.approx(2 / RATE_OVER.total_seconds())
    assert now.eta == pytest.approx(RATE_OVER.total_seconds() / 2)


def test_a_job_ends_as_fast_as_its_items_have_ended_lately() -> None:
    found = Progress(Counts(200, {"done": 100}), rate=0.3, cost=Decimal(1)).forecast
    assert found.soonest == pytest.approx(100 * 30 / 16)
    assert (found.seconds, found.latest) == pytest.approx((100 / 0.3, 100 * 30 / 4))


@pytest.mark.parametrize(
    ("by_state", "rate", "outlook"),
    [({"done": 2}, 1.0, Outlook.EMPTY), ({"done": 1}, 0.0, Outlook.STALLED)],
)
def test_nothing_is_told_of_a_job_that_is_over_or_stands_still(
    by_state: dict[str, int], rate: float, outlook: Outlook
) -> None:
    assert Progress(Counts(2, by_state), rate, Decimal(0)).forecast == Forecast(outlook)


def test_the_rest_is_expected_to_cost_what_the_others_did() -> None:
    by_state = {"done": 3, "failed": 1, "cancelled": 2}
    assert Progress(Counts(10, by_state), 0, Decimal(2)).projected == Decimal(4)
    assert Progress(Counts(10, {}), 0, Decimal(0)).projected is None


def test_the_cost_of_an_ended_job_is_frozen_until_it_is_retried() -> None:
    job = job_of(State.FAILED, cost=Decimal("0.25"))
    close_jobs()
    Item.objects.update(cost=1)
    job.refresh_from_db()
    assert progress(job).cost == Decimal("0.25")
    jobs.retry(job.pk)
    job.refresh_from_db()
    assert progress(job).cost == 1


def test_there_is_no_estimate_while_nothing_moves() -> None:
    assert progress(job_of(State.PENDING)).eta is None
