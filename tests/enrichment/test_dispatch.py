"""The producer: never more outstanding than the window, whoever else dispatches."""

from __future__ import annotations

import json
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enrichment.dispatch import dispatch, take
from enrichment.models import Item, Job
from enrichment.states import OUTSTANDING, State
from enrichment.store import QUEUE_LEASE, SEND_LEASE, Send
from enrichment.window import Lane
from mangaassist import aws
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Misconfigured
from mangaassist.models import PoolState, WorkerBeat
from mangaassist.pools import ENRICHMENT
from mangaassist.provision import provision
from mangaassist.resources import ENRICHMENT_QUEUE
from tests.enrichment.factories import make_job
from tests.mangaassist.conftest import Account, forget_clients


def worker_with(permits: int) -> None:
    WorkerBeat.objects.create(
        worker="a:1", pool=ENRICHMENT.name, permits=permits, in_use=0, done=0, failed=0,
        started_at=datetime.now(UTC), beat_at=Now(),
    )  # fmt: skip


def take_all(keepers: int) -> list[Send]:
    """What so many keepers take at once until nothing is left for them."""
    taken: list[Send] = []
    at_once = threading.Barrier(keepers)

    def keep_taking() -> None:
        at_once.wait()
        while sends := take():
            taken.extend(sends)
        connection.close()

    threads = [threading.Thread(target=keep_taking) for _ in range(keepers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return taken


@pytest.mark.django_db(transaction=True)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    jobs=st.lists(st.integers(0, 30), min_size=1, max_size=3),
    permits=st.integers(0, 15),
    keepers=st.integers(2, 5),
)
def test_keepers_together_never_exceed_the_window(
    jobs: list[int], permits: int, keepers: int
) -> None:
    for model in (Job, WorkerBeat, PoolState):
        model.objects.all().delete()
    worker_with(permits)
    for titles in jobs:
        make_job(titles)
    taken = take_all(keepers)
    window = 2 * permits + 10
    assert len(taken) == len(set(taken)) == min(sum(jobs), window)
    assert Item.objects.filter(state__in=OUTSTANDING).count() == len(taken)


@pytest.mark.django_db
def test_nothing_is_taken_while_the_window_is_full() -> None:
    make_job(titles=30)
    assert len(take()) == 10
    Item.objects.filter(state=State.QUEUED).update(state=State.RUNNING)
    assert take() == []


@pytest.mark.django_db
def test_an_ended_item_makes_room_for_more() -> None:
    make_job(titles=30)
    send = take()[0]
    Item.objects.filter(pk=send.item).update(state=State.DONE)
    assert len(take()) == 1


@pytest.mark.django_db
def test_jobs_share_the_window() -> None:
    jobs = [make_job(titles=30).pk for _ in range(2)]
    taken = Item.objects.filter(pk__in=[send.item for send in take()])
    assert Counter(taken.values_list("job", flat=True)) == {jobs[0]: 5, jobs[1]: 5}


@pytest.mark.django_db
def test_an_urgent_job_goes_out_before_the_low_lane() -> None:
    low = make_job(titles=30, lane=Lane.LOW)
    assert len(take()) == 10
    urgent = make_job(titles=5)
    Item.objects.filter(pk__in=low.items.filter(state=State.QUEUED)[:6]).update(state=State.DONE)
    taken = Item.objects.filter(pk__in=[send.item for send in take()])
    assert Counter(taken.values_list("job", flat=True)) == {urgent.pk: 5, low.pk: 1}


@pytest.mark.django_db
def test_what_a_job_cannot_use_goes_to_the_others_at_once() -> None:
    small, large = make_job(titles=1), make_job(titles=30, lane=Lane.LOW)
    taken = Item.objects.filter(pk__in=[send.item for send in take()])
    assert Counter(taken.values_list("job", flat=True)) == {small.pk: 1, large.pk: 9}


@pytest.mark.django_db
def test_a_job_whose_items_wait_keeps_no_credit_from_the_low_lane() -> None:
    make_job(titles=3).items.update(not_before=Now() + timedelta(seconds=30))
    make_job(titles=30, lane=Lane.LOW)
    assert len(take()) == 10


@pytest.mark.django_db
def test_jobs_without_pending_items_still_hold_what_their_lane_may_have(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("enrichment.dispatch.throughput", lambda: 0.5)  # 60 in all, 15 of them low
    make_job(titles=12, lane=Lane.LOW).items.update(state=State.RUNNING)
    make_job(titles=30, lane=Lane.LOW)
    assert len(take()) == 3


@pytest.mark.django_db
def test_a_blocked_pool_is_opened_by_an_item_without_a_call_only_if_no_other_waits() -> None:
    job = make_job(titles=2)
    offer, text = job.items.order_by("pk")
    Item.objects.filter(pk=offer.pk).update(offer_only=True)
    pool = PoolState.objects.create(pool=ENRICHMENT.name, blocked_at=Now())

    assert [send.item for send in take()] == [offer.pk]
    Item.objects.filter(pk=offer.pk).update(state=State.DONE)
    assert [send.item for send in take()] == [text.pk]
    pool.refresh_from_db()
    assert pool.blocked_at is not None

    PoolState.objects.update(probe_item=offer.pk)
    assert take() == []
    pool.refresh_from_db()
    assert pool.blocked_at is None


@pytest.mark.django_db
def test_calls_of_a_paused_job_keep_no_pool_blocked_that_an_item_without_a_call_has_tried() -> None:
    make_job(state=Job.State.PAUSED)
    offer = make_job().items.get()
    Item.objects.filter(pk=offer.pk).update(offer_only=True, state=State.DONE)
    pool = PoolState.objects.create(
        pool=ENRICHMENT.name, blocked_at=Now(), probe_item=offer.pk, probe_at=Now()
    )
    assert take() == []
    pool.refresh_from_db()
    assert pool.blocked_at is None


@pytest.mark.django_db
def test_an_item_that_waits_is_not_taken_before_its_time() -> None:
    make_job()
    Item.objects.update(not_before=Now() + timedelta(seconds=30))
    assert take() == []
    Item.objects.update(not_before=Now())
    assert len(take()) == 1


@pytest.mark.django_db
def test_a_cancelled_job_sends_nothing() -> None:
    make_job(state=Job.State.CANCELLED)
    assert take() == []


@pytest.mark.django_db
def test_a_taken_item_comes_back_soon_unless_sqs_confirms_it(provisioned: Account) -> None:
    make_job()
    take()
    assert _lease() <= SEND_LEASE
    Item.objects.update(state=State.PENDING)
    dispatch()
    assert SEND_LEASE < _lease() <= QUEUE_LEASE


@pytest.mark.django_db
def test_a_message_carries_ids_only(provisioned: Account) -> None:
    item = make_job().items.get()
    assert dispatch() == 1
    [message] = aws.sqs().receive_message(
        QueueUrl=queue_url(ENRICHMENT_QUEUE.name), MessageSystemAttributeNames=["All"]
    )["Messages"]
    arguments, options, _ = json.loads(json.loads(message["Body"])["body"])
    assert (arguments, options) == ([item.pk, 1], {})
    attributes = message["Attributes"]
    assert attributes["MessageGroupId"] == item.title_id
    assert attributes["MessageDeduplicationId"] == f"{item.pk}:1"


@pytest.mark.django_db
def test_what_sqs_refuses_goes_back_and_the_keeper_hears_why(provisioned: Account) -> None:
    make_job(titles=3)
    aws.sqs().delete_queue(QueueUrl=queue_url(ENRICHMENT_QUEUE.name))
    forget_clients()
    with pytest.raises(Misconfigured):
        dispatch()
    assert Item.objects.filter(state=State.PENDING, delivery=1).count() == 3


@pytest.mark.django_db
def test_after_an_outage_of_sqs_items_go_out_under_a_new_delivery(provisioned: Account) -> None:
    make_job(titles=3)
    aws.sqs().delete_queue(QueueUrl=queue_url(ENRICHMENT_QUEUE.name))
    forget_clients()
    with pytest.raises(Misconfigured):
        dispatch()
    provision()
    assert dispatch() == 3
    assert Item.objects.filter(state=State.QUEUED, delivery=2).count() == 3


def _lease() -> timedelta:
    until = Item.objects.get().lease_until
    assert until
    return until - datetime.now(UTC)
