"""A worker's running items keep their leases; nobody else's do."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from enrichment.leases import leases
from enrichment.models import Item
from enrichment.reaper import reap
from enrichment.states import State
from mangaassist.activity import WORKER
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


def late_item(state: State = State.RUNNING, worker: str = WORKER) -> Item:
    """An item whose lease has just run out."""
    item = make_job().items.get()
    Item.objects.update(state=state, worker=worker, lease_until=Now() - timedelta(seconds=1))
    return item


def test_a_running_items_lease_is_renewed() -> None:
    with leases.held(late_item().pk):
        leases.renew()
    assert reap().crashed == 0


def test_an_item_that_has_ended_is_renewed_no_more() -> None:
    with leases.held(late_item().pk):
        pass
    leases.renew()
    assert reap().crashed == 1


def test_an_item_whose_work_failed_is_renewed_no_more() -> None:
    with pytest.raises(TypeError), leases.held(late_item().pk):
        raise TypeError
    leases.renew()
    assert reap().crashed == 1


def test_an_item_that_another_worker_has_meanwhile_is_not_renewed() -> None:
    with leases.held(late_item(worker="other:1").pk):
        leases.renew()
    assert reap().crashed == 1


def test_an_item_that_was_taken_back_meanwhile_stays_so() -> None:
    item = late_item(state=State.PENDING)
    with leases.held(item.pk):
        leases.renew()
    item.refresh_from_db()
    assert item.state == State.PENDING
