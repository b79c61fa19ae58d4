"""How fast items end, counted or reckoned."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from enrichment.models import Item
from enrichment.pace import Basis, Pace, pace, throughput
from enrichment.states import State
from tests.enrichment.factories import live_worker, make_job

pytestmark = pytest.mark.django_db


def done(count: int, took: float, ago: float) -> None:
    """So many items that took so many seconds each and ended so many seconds ago."""
    ended = timezone.now() - timedelta(seconds=ago)
    began = ended - timedelta(seconds=took)
    make_job(titles=count).items.update(state=State.DONE, started_at=began, ended_at=ended)


def running(count: int) -> None:
    make_job(titles=count).items.update(state=State.RUNNING)


def test_nobody_knows_before_anything_has_ended() -> None:
    live_worker()
    assert pace() == Pace(0.0, Basis.NONE)
    assert pace().seconds(10) is None


def test_while_workers_are_busy_the_last_minute_counts() -> None:
    live_worker(permits=4)
    running(4)
    done(30, took=2, ago=5)
    assert pace() == Pace(0.5, Basis.LAST_MINUTE)


def test_idle_workers_can_do_what_the_last_items_took() -> None:
    live_worker(permits=10)
    done(30, took=2, ago=3_600)
    assert pace().basis == Basis.RECENT_ITEMS
    assert pace().rate == pytest.approx(5.0)
    assert pace().seconds(100) == pytest.approx(20.0)


def test_without_a_worker_only_what_ended_counts() -> None:
    done(30, took=2, ago=5)
    assert pace() == Pace(0.5, Basis.LAST_MINUTE)
    Item.objects.update(ended_at=timezone.now() - timedelta(hours=1))
    assert pace() == Pace(0.0, Basis.NONE)


def test_cancelled_items_are_no_throughput() -> None:
    make_job(titles=3).items.update(state=State.CANCELLED, ended_at=timezone.now())
    assert throughput() == 0


def test_items_without_a_call_are_no_throughput() -> None:
    done(30, took=0.01, ago=5)
    Item.objects.update(offer_only=True)
    assert throughput() == 0
