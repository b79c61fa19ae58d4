"""Budgets of jobs: what may still be sent, the hold, and going on."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from enrichment import budget, jobs
from enrichment.closing import close_jobs
from enrichment.dispatch import take
from enrichment.estimate import Fit, Range, fit
from enrichment.models import Item, Job
from enrichment.notices import mail_ended_jobs
from enrichment.obstacles import obstacles
from enrichment.states import State
from mangaassist.blocking import block
from mangaassist.errors import Misconfigured
from mangaassist.models import AuditEntry
from mangaassist.pools import ENRICHMENT
from tests.enrichment.factories import make_job


def job_with(usd: str, *, done: int = 0, pending: int = 0, each: str = "0.10") -> Job:
    """A job with this budget, so many done items that cost so much each, and others that wait."""
    job = make_job(titles=done + pending, budget=Decimal(usd))
    paid = job.items.order_by("pk").values("pk")[:done]
    Item.objects.filter(pk__in=list(paid.values_list("pk", flat=True))).update(
        state=State.DONE, cost=each, ended_at=timezone.now()
    )
    return job


@pytest.mark.django_db
def test_only_what_the_budget_pays_for_is_sent() -> None:
    job_with("1.00", done=6, pending=10)
    assert len(take()) == 4


@pytest.mark.django_db
def test_what_is_in_flight_counts_as_spent() -> None:
    job = job_with("1.00", done=6, pending=10)
    take()
    assert take() == []
    job.refresh_from_db()
    assert job.state == Job.State.OPEN


@pytest.mark.django_db
def test_what_costs_less_than_feared_makes_room_again() -> None:
    job_with("1.00", done=6, pending=10)
    for send in take():
        Item.objects.filter(pk=send.item).update(state=State.DONE, cost="0.05")
    assert len(take()) == 2


@pytest.mark.django_db
def test_before_anything_was_paid_for_the_worst_of_one_call_counts() -> None:
    job_with("0.01", pending=50)
    assert 0 < len(take()) < 10


@pytest.mark.django_db
def test_a_job_whose_budget_is_used_up_pauses_itself_and_says_why() -> None:
    job = job_with("1.00", done=10, pending=5)
    assert take() == []
    job.refresh_from_db()
    assert (job.state, job.held) == (Job.State.PAUSED, True)
    entry = AuditEntry.objects.get(action="hold", row=str(job.pk))
    assert (entry.user, entry.after and entry.after["spent"]) == (None, "1.0000")
    assert "spent $1.0000 of its budget of $1.00" in obstacles(job)[0]
    assert "予算$1.00のうち$1.0000" in obstacles(job, "ja")[0]


@pytest.mark.django_db
def test_a_round_looks_at_none_of_the_items_that_were_paid_for() -> None:
    job = job_with("1.00", done=6, pending=1)
    with CaptureQueriesContext(connection) as queries:
        assert budget.rooms([job], {}) == {job.pk: 4}
    assert not [one for one in queries if Item._meta.db_table in one["sql"]]


@pytest.mark.django_db
def test_others_take_the_room_that_a_budget_leaves() -> None:
    job_with("1.00", done=10, pending=5)
    other = make_job(titles=3)
    assert {send.item for send in take()} == set(other.items.values_list("pk", flat=True))


@pytest.mark.django_db
def test_a_held_job_goes_on_with_more_money_and_not_without() -> None:
    job = job_with("1.00", done=10, pending=5)
    take()
    assert not jobs.resume(job.pk)
    assert budget.change(job.pk, Decimal("1.25"))
    assert len(take()) == 2
    entries = AuditEntry.objects.filter(action="budget")
    assert entries.values_list("before__budget", "after__budget").get() == ("1.00", "1.25")


@pytest.mark.django_db
def test_a_job_that_staff_paused_stays_so_with_another_budget() -> None:
    job = job_with("1.00", pending=5)
    jobs.pause(job.pk)
    budget.change(job.pk, None)
    job.refresh_from_db()
    assert (job.state, job.budget) == (Job.State.PAUSED, None)


@pytest.mark.django_db
def test_an_ended_job_has_its_budget_for_good() -> None:
    job = job_with("1.00", done=1)
    close_jobs()
    assert not budget.change(job.pk, Decimal(2))


@pytest.mark.django_db
def test_a_probe_of_a_blocked_pool_costs_nobody_more_than_their_budget() -> None:
    job_with("1.00", done=10, pending=5)
    block(ENRICHMENT.name, Misconfigured("AccessDenied", "no rights"))
    assert take() == []


@pytest.mark.django_db
def test_staff_hear_of_the_hold_and_later_of_the_end(
    settings: pytest.FixtureRequest, mailoutbox: list[object]
) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]  # type: ignore[attr-defined]
    job = job_with("1.00", done=10, pending=5)
    take()
    assert [mail_ended_jobs(), mail_ended_jobs()] == [1, 0]
    jobs.cancel(job.pk)
    close_jobs()
    assert mail_ended_jobs() == 1
    subjects = [mail.subject for mail in mailoutbox]  # type: ignore[attr-defined]
    assert subjects == [
        f"[MangaAssist] {job.release.name}: held by its budget (10/15)",
        f"[MangaAssist] {job.release.name}: cancelled (10/15)",
    ]


@given(
    st.lists(st.decimals("0.0001", "0.5", places=4), min_size=1, max_size=30),
    st.integers(1, 300),
    st.integers(1, 8),
)
def test_no_job_costs_more_than_its_budget_and_what_was_in_flight(
    costs: list[Decimal], cents: int, window: int
) -> None:
    limit = Decimal(cents) / 100
    spent, costliest, left = Decimal(0), Decimal("0.1"), list(costs)
    while sent := min(budget.affordable(limit, spent, costliest), window, len(left)):
        batch, left = left[:sent], left[sent:]
        before, feared = spent, costliest
        spent += sum(batch)
        costliest = max(costliest, *batch)
        assert before + sent * feared <= limit
    assert spent <= limit + window * max(costs)


@pytest.mark.parametrize(
    ("usd", "expected"), [("9", Fit.SURELY), ("5", Fit.PROBABLY), ("2.99", Fit.NOT)]
)
def test_a_budget_is_compared_with_the_whole_range(usd: str, expected: Fit) -> None:
    assert fit(Range(1.0, 3.0, 9.0), Decimal(usd)) is expected


@pytest.mark.parametrize(
    "text", ["x", "-1", "0", "0.001", "1000000", "NaN", "Infinity", "1e99", "1_0,0"]
)
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"no amount|between"):
        budget.parse(text)


@pytest.mark.parametrize(("text", "usd"), [("", None), (" 2.5 ", Decimal("2.50")), ("3", 3)])
def test_an_amount_is_read(text: str, usd: Decimal | None) -> None:
    assert budget.parse(text) == usd
