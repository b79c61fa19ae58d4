"""Items whose lease ran out come back, and those that kill their workers do not."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from enrichment.models import Item
from enrichment.reaper import reap
from enrichment.states import State
from enrichment.store import Reaped
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def item_in(state: State, lease: float, **fields: object) -> Item:
    """An item whose lease ends in so many seconds."""
    item = make_job().items.get()
    until = Now() + timedelta(seconds=lease)
    Item.objects.filter(pk=item.pk).update(state=state, lease_until=until, **fields)
    return item


def test_a_lost_message_costs_nothing() -> None:
    item = item_in(State.QUEUED, lease=-1)
    assert reap() == Reaped(unsent=1)
    item.refresh_from_db()
    assert (item.state, item.tries, item.crashes) == (State.PENDING, 0, 0)


def test_a_dead_workers_item_comes_back_with_one_crash() -> None:
    item = item_in(State.RUNNING, lease=-1)
    assert reap() == Reaped(crashed=1)
    item.refresh_from_db()
    assert (item.state, item.crashes, item.code) == (State.PENDING, 1, "worker_lost")


def test_the_third_dead_worker_quarantines_the_item(caplog: pytest.LogCaptureFixture) -> None:
    item = item_in(State.RUNNING, lease=-1, crashes=2)
    assert reap() == Reaped(quarantined=1)
    item.refresh_from_db()
    assert (item.state, item.crashes, item.code) == (State.QUARANTINED, 3, "worker_lost")
    assert item.ended_at
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


@pytest.mark.parametrize("state", [State.QUEUED, State.RUNNING])
def test_an_item_with_time_left_is_let_alone(state: State) -> None:
    item = item_in(state, lease=5)
    assert reap() == Reaped()
    item.refresh_from_db()
    assert item.state == state


def test_an_ended_item_is_let_alone_whatever_its_lease_was() -> None:
    item_in(State.DONE, lease=-1)
    assert reap() == Reaped()


def test_a_dead_workers_delivery_can_be_looked_at_later() -> None:
    item = item_in(State.RUNNING, lease=-1, delivery=4, worker="host:1", message_id="m-4")
    reap()
    failed = item.failed_deliveries.get()
    assert (failed.delivery, failed.worker, failed.message_id) == (4, "host:1", "m-4")
    assert failed.code == "worker_lost"
