"""A snapshot: its numbers agree with the database and with each other."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard import pages, snapshot
from dashboard.document import document
from dashboard.jobs import POOL_PAUSED, hold
from dashboard.texts import WORDS, in_
from dashboard.verdict import Level
from enrichment import budget
from enrichment.models import Item, Job
from enrichment.states import State
from mangaassist import blocking, metrics, pausing
from mangaassist.alarms.handling import mute
from mangaassist.alarms.parsing import defined
from mangaassist.errors import Misconfigured
from mangaassist.language import Language
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmState
from mangaassist.pools import ENRICHMENT
from tests.enrichment.factories import job_of, make_job

pytestmark = pytest.mark.django_db


def measure(value: float, age: float = 0.0) -> None:
    queue = (("Queue", ENRICHMENT.queue.name),)
    at = timezone.now() - timedelta(seconds=age)
    samples.write([Measured(metrics.QUEUE_VISIBLE, queue, [value])], at)


def queue_line() -> snapshot.QueueLine:
    return next(one for one in snapshot.take().queues if one.name == ENRICHMENT.queue.name)


def test_items_are_counted_by_state_over_all_shown_jobs() -> None:
    job_of(State.DONE, State.DONE, State.FAILED)
    job_of(State.RUNNING, State.PENDING)
    found = snapshot.take()
    assert found.items == {"done": 2, "failed": 1, "running": 1, "pending": 1}
    assert found.total == sum(job.total for job in found.jobs) == Item.objects.count()


def test_a_job_tells_rate_time_left_and_cost() -> None:
    job = job_of(*[State.DONE] * 3, State.PENDING, cost="0.5")
    job.items.filter(state=State.DONE).update(ended_at=timezone.now())
    Job.objects.update(created_at=timezone.now() - timedelta(hours=1))
    line = snapshot.take().jobs[0]
    assert line.rate == pytest.approx(0.1)
    assert line.eta == pytest.approx(10.0)
    assert line.cost == 2


def test_the_parts_of_a_bar_follow_each_other() -> None:
    job_of(State.DONE, State.FAILED, State.RUNNING, State.PENDING)
    line = snapshot.take().jobs[0]
    assert list(line.segments) == [("done", 0, 25), ("failed", 25, 25), ("running", 50, 25)]


def test_an_ended_job_shows_its_frozen_counts() -> None:
    job = make_job(titles=0)
    ended = {"state": Job.State.DONE, "ended_at": timezone.now(), "total": 7}
    Job.objects.filter(pk=job.pk).update(counts={"done": 7}, **ended)
    assert snapshot.take().jobs[0].done == 7


def test_a_measured_number_has_its_source_and_age() -> None:
    measure(12, age=20)
    reading = queue_line().waiting
    assert reading is not None
    assert (reading.value, reading.source) == (12, "QueueVisible")
    assert 20 <= reading.age(timezone.now()) < 30


def test_what_was_measured_long_ago_is_not_shown() -> None:
    measure(12, age=90)
    assert queue_line().waiting is None


def test_a_blocked_pool_makes_it_critical() -> None:
    blocking.block(ENRICHMENT.name, Misconfigured("access_denied", "no PutItem"))
    assert snapshot.take().verdict.level is Level.CRITICAL


def ring() -> str:
    alarm = next(iter(defined().values()))
    now = timezone.now()
    AlarmState.objects.create(
        name=alarm.name, kind=alarm.kind, severity=alarm.severity, state="ALARM", since=now,
        value=3.0, evaluated_at=now, watched_since=now,
    )  # fmt: skip
    return alarm.name


def test_a_ringing_alarm_is_listed() -> None:
    name = ring()
    assert [line.name for line in snapshot.take().alarms] == [name]


@pytest.mark.parametrize("language", Language)
def test_a_muted_alarm_is_shown_with_who_muted_it(language: Language) -> None:
    mute(User.objects.create_user("sato"), ring(), timedelta(hours=1), "")
    html = pages.live(snapshot.take(), language)
    assert f"{in_(language, WORDS['handled_by'])}: sato" in html


def test_a_paused_pool_is_a_reason_and_holds_all_jobs() -> None:
    pausing.pause(ENRICHMENT.name, User.objects.create_user("sato"))
    found = snapshot.take()
    assert any("sato" in reason.text.en for reason in found.verdict.reasons)
    assert hold() is POOL_PAUSED


@pytest.mark.parametrize("language", Language)
def test_the_page_says_that_a_number_was_not_measured(language: Language) -> None:
    html = pages.live(snapshot.take(), language)
    assert in_(language, WORDS["unmeasured"]) in html


def test_the_document_counts_what_the_page_counts() -> None:
    job_of(State.DONE, State.PENDING)
    found = snapshot.take()
    assert document(found)["items"] == {
        "total": 2,
        "by_state": {"done": 1, "pending": 1},
        "source": "database",
    }
    assert "1/2" in pages.live(found, Language.EN)


@pytest.mark.parametrize("language", Language)
def test_the_page_shows_a_measured_number(language: Language) -> None:
    measure(12)
    model = (("ModelId", "haiku"),)
    samples.write([Measured(metrics.LIMITER_FACTOR, model, [0.75])], timezone.now())
    html = pages.live(snapshot.take(), language)
    assert ">12</span>" in html
    assert ">0.75</span>" in html


def test_a_job_that_its_budget_holds_is_a_reason_to_look(client: Client, viewer: User) -> None:
    job = job_of(State.DONE, State.PENDING, cost="0.5")
    Job.objects.filter(pk=job.pk).update(budget="0.60")
    budget.hold(job.pk)
    found = snapshot.take()
    [shown] = document(found)["jobs"]
    assert (shown["budget"], shown["held"]) == ("0.60", "budget")
    reasons = [reason.text.en for reason in found.verdict.reasons]
    assert f"#{job.pk} {job.release.name} has used its budget up and has paused." in reasons
    assert "held: budget" in client.get("/dashboard/?lang=en").text
