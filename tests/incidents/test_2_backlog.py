"""Incident 2: 500 titles a minute were sent to workers that did 50, and the queue grew for hours.

The queue of the product is bounded by what workers do; the rest waits in the database, where it
does no harm. The hour of the incident runs in virtual time, on the window, the shares and the item
store of the product.
"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db.models.functions import Now
from hypothesis import given, settings
from hypothesis import strategies as st

from bench import _backlog
from bench._backlog import Backlog, hour, steps
from enrichment import pace
from enrichment.database import STORE
from enrichment.dispatch import dispatch, take
from enrichment.models import Item
from enrichment.states import OUTSTANDING, State
from enrichment.store import QUEUE_LEASE, Outcome
from enrichment.window import HORIZON, LARGEST, window
from mangaassist import aws, presence
from mangaassist.broker.urls import queue_url
from mangaassist.gauges import WAITING, WORKED_ON
from mangaassist.pools import ENRICHMENT
from mangaassist.resources import ENRICHMENT_QUEUE
from tests.enrichment.api.clients import Client
from tests.enrichment.factories import live_keeper, live_worker, make_burst, make_job
from tests.mangaassist.conftest import Account

AGE_LIMIT = 160.0  # seconds
ALARM_AGE = 900.0  # seconds, of the runbook's alarm
# What a simulation of the runbook's system had, before there was a product.
OPEN_DEPTH, OPEN_AGE = 9_943, 1_193.0
VIRTUAL = settings(max_examples=25, deadline=None)


def depth() -> int:
    """Messages in the queue, those that a worker has included."""
    found = aws.sqs().get_queue_attributes(
        QueueUrl=queue_url(ENRICHMENT_QUEUE.name), AttributeNames=[WAITING, WORKED_ON]
    )["Attributes"]
    return int(found[WAITING]) + int(found[WORKED_ON])


def outstanding() -> int:
    return Item.objects.filter(state__in=OUTSTANDING).count()


def finish(items: int) -> None:
    """A worker that takes so many messages and does what they ask."""
    url = queue_url(ENRICHMENT_QUEUE.name)
    queued = dict(Item.objects.filter(state=State.QUEUED).values_list("title_id", "pk"))
    for _ in range(items // 10):
        answer = aws.sqs().receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, MessageSystemAttributeNames=["MessageGroupId"]
        )
        for message in answer["Messages"]:
            item = queued[message["Attributes"]["MessageGroupId"]]
            assert STORE.claim(item, 1, "a:1")
            assert STORE.settle(item, 1, Outcome(State.DONE))
            aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def age_what_ended() -> None:
    """A minute passes in which nothing ends."""
    Item.objects.filter(state=State.DONE).update(ended_at=Now() - pace.LATELY)


@pytest.mark.django_db
def test_a_burst_of_thousands_waits_in_the_database_and_not_in_the_queue(
    provisioned: Account,
) -> None:
    make_burst(3_000)
    live_worker(permits=25)
    for _ in range(4):
        while dispatch():
            pass
        limit = window(pace.throughput(), presence.permits(ENRICHMENT.name))
        assert depth() == outstanding() == limit
        finish(20)
    assert limit == 2 * 25 + 10 + 60  # It has grown by what ended meanwhile, and not beyond.
    assert Item.objects.filter(state=State.PENDING).count() == 3_000 - limit - 60


@pytest.mark.django_db
def test_workers_that_slow_down_get_nothing_more_until_they_have_caught_up(
    provisioned: Account,
) -> None:
    make_burst(200)
    live_worker(permits=25)
    dispatch()
    finish(40)
    dispatch()
    for left in (80, 70, 60):
        age_what_ended()
        assert (dispatch(), depth()) == (0, left)
        finish(10)
    age_what_ended()
    assert dispatch() == 10


@pytest.fixture(scope="module")
def windowed() -> Backlog:
    """The incident's hour with the product's window."""
    return hour()


@pytest.fixture(scope="module")
def opened() -> Backlog:
    """The same hour without it."""
    return hour(open_producer=True)


def test_without_the_window_the_hour_is_the_incident(opened: Backlog) -> None:
    assert opened.max_depth == pytest.approx(OPEN_DEPTH, rel=0.1)
    assert opened.max_age == pytest.approx(OPEN_AGE, rel=0.1)


def test_with_the_window_no_message_of_the_hour_grows_old(windowed: Backlog) -> None:
    assert windowed.max_age <= AGE_LIMIT


def test_with_the_window_the_queue_holds_two_minutes_of_work(windowed: Backlog) -> None:
    fastest = _backlog.PERMITS / _backlog.FAST
    assert windowed.max_outstanding <= HORIZON * fastest
    assert not [sent for sent in windowed.sent if sent.too_many]


def test_the_window_costs_no_throughput(windowed: Backlog, opened: Backlog) -> None:
    assert windowed.ended == opened.ended


Curve = list[tuple[float, float]]


def curves(values: st.SearchStrategy[float]) -> st.SearchStrategy[Curve]:
    """Steps at random times of five minutes, the first at their begin."""
    later = st.lists(st.tuples(st.floats(1, 300), values), max_size=4)
    return st.builds(lambda first, rest: [(0.0, first), *sorted(rest)], values, later)


submissions = st.lists(st.tuples(st.floats(0, 300), st.integers(1, 800)), max_size=12).map(sorted)


@VIRTUAL
@given(submissions, curves(st.floats(0.2, 20)), curves(st.integers(0, 60)))
def test_whatever_arrives_and_however_it_goes_nothing_is_sent_beyond_the_window(
    submissions: list[tuple[float, int]], latency: Curve, permits: list[tuple[float, int]]
) -> None:
    backlog = Backlog(steps(*permits), steps(*latency))
    backlog.run(600, submissions)
    states = Counter(row.state for row in backlog.store.rows.values())
    left = backlog.waiting() - states[State.PENDING]
    assert not [sent for sent in backlog.sent if sent.too_many]
    assert left == sum(backlog.store.outstanding().values()) <= backlog.max_outstanding <= LARGEST


@VIRTUAL
@given(submissions, st.floats(0.5, 8), st.integers(1, 60))
def test_however_much_arrives_a_message_waits_two_minutes_and_a_few_calls(
    submissions: list[tuple[float, int]], latency: float, permits: int
) -> None:
    backlog = Backlog(lambda time: permits, lambda time: latency)
    backlog.run(600, submissions)
    # Calls end together, so a minute may count one round of them too many: two calls' time.
    assert backlog.max_age <= HORIZON + 3 * latency + _backlog.DISPATCH_EVERY


@VIRTUAL
@given(st.integers(5, 25), st.floats(1, 2), st.floats(0.1, 0.7), st.floats(1, 4), st.data())
def test_a_model_that_slows_down_fourfold_makes_no_message_old(
    permits: int, latency: float, load: float, slower: float, data: st.DataObject
) -> None:
    every, at = data.draw(st.integers(1, 15)), data.draw(st.integers(30, 300))
    titles = max(1, int(load * permits / latency * every))
    backlog = Backlog(lambda time: permits, steps((0, latency), (at, slower * latency)))
    backlog.run(700, ((time, titles) for time in range(0, 700, every)))
    assert backlog.max_age <= AGE_LIMIT


def test_a_full_queue_that_slows_down_is_sent_again_long_before_the_alarm() -> None:
    backlog = Backlog(lambda time: 25, steps((0, 2.0), (100, 8.0)))
    backlog.run(1_800, [(0, 10_000)])
    assert QUEUE_LEASE.total_seconds() < backlog.max_age < ALARM_AGE / 2
    assert backlog.max_depth <= backlog.max_outstanding <= HORIZON * 25 / 2


def test_while_no_worker_lives_the_queue_gets_ten_messages_in_five_minutes() -> None:
    backlog = Backlog(steps((0, 25), (100, 0), (7_300, 25)), lambda time: 2.0)
    backlog.run(100, [(0, 5_000)])
    before = len(backlog.queue)
    backlog.run(7_300)
    assert len(backlog.queue) - before <= 10 * 7_200 / QUEUE_LEASE.total_seconds()
    backlog.run(8_000)
    assert (backlog.ended, backlog.waiting()) == (5_000, 0)


@pytest.mark.django_db
def test_the_model_sends_what_the_dispatcher_sends() -> None:
    live_worker(permits=20)
    backlog = Backlog(lambda time: 20, lambda time: 2.0)
    jobs = {}
    for titles, weight in ((60, 1), (5, 1), (40, 2)):
        jobs[make_job(titles, weight=weight).pk] = backlog.submit(titles, weight)
    sent = Item.objects.filter(pk__in=[send.item for send in take()])
    backlog.run(_backlog.DISPATCH_EVERY)
    modelled = Counter(row.job for row in backlog.store.rows.values() if row.state in OUTSTANDING)
    assert Counter(jobs[job] for job in sent.values_list("job", flat=True)) == modelled


def test_the_model_keeps_the_time_of_the_product() -> None:
    duties = django_settings.KEEPER_DUTIES
    assert timedelta(seconds=_backlog.LATELY) == pace.LATELY
    assert duties["enrichment.reaper.reap"] == _backlog.REAP_EVERY
    assert duties["enrichment.dispatch.dispatch"] == _backlog.DISPATCH_EVERY


@pytest.mark.django_db
def test_a_client_that_outruns_the_workers_hears_when_to_come_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("enrichment.admission.ALWAYS_TAKEN", 90)
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 90)
    live_keeper()
    live_worker(permits=10)
    make_burst(160)
    items = list(Item.objects.order_by("pk").values_list("pk", flat=True))
    Item.objects.filter(pk__in=items[:60]).update(state=State.DONE, ended_at=Now())
    Item.objects.filter(pk__in=items[60:70]).update(state=State.RUNNING)
    editor = Client("editor")
    assert editor.upload().status_code == 202  # The file itself is taken.
    answer = editor.confirm(editor.release())
    assert (answer.status_code, answer.json()["reason"]) == (429, "backlog")
    assert answer.headers["Retry-After"] == "12"  # 100 wait, 2 come, 90 may; one ends each second.


def test_a_user_may_begin_no_more_than_the_workers_of_the_incident_can_end() -> None:
    assert django_settings.TITLES_PER_MINUTE <= 60 * _backlog.PERMITS / _backlog.FAST
