"""Beats of living workers, and what others conclude from them."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from celery.worker import state as worker
from django.db.models.functions import Now

from mangaassist import activity
from mangaassist.broker.health import state as broker
from mangaassist.models import WorkerBeat
from mangaassist.presence import (
    FORGOTTEN_AFTER,
    LOST_AFTER,
    Presence,
    a_keeper_lives,
    beat,
    beat_of_keeper,
    beat_of_pool,
    leave,
    permits,
)

STARTED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def beat_of(worker: str, ago: timedelta, pool: str = "enrichment") -> None:
    """The beat, so long ago, of a worker with ten permits."""
    WorkerBeat.objects.create(
        worker=worker, pool=pool, permits=10, in_use=0, done=0, failed=0,
        started_at=STARTED, beat_at=Now() - ago,
    )  # fmt: skip


@pytest.mark.django_db
def test_a_beat_says_what_the_worker_is_doing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "permits", activity.Permits(20))
    monkeypatch.setattr(activity, "tally", activity.Tally())
    activity.tally.add(failed=True)
    with activity.permits.held(), activity.permits.used():
        beat("enrichment", STARTED)
    row = WorkerBeat.objects.get()
    assert (row.worker, row.pool, row.started_at) == (activity.WORKER, "enrichment", STARTED)
    assert (row.permits, row.in_use, row.done, row.failed) == (20, 1, 0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_web_process_beats_for_its_pool_until_it_leaves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(activity, "permits", activity.permits)
    monkeypatch.setattr(activity, "pool", activity.pool)
    activity.begin("websocket", 200)
    beat_of_pool()
    assert permits("websocket") == 200
    leave()
    assert permits("websocket") == 0


@pytest.mark.django_db
def test_a_worker_that_ends_is_not_silent_since_it_asks_sqs_for_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(broker, "polled_at", time.time())
    beat("enrichment", STARTED)
    assert WorkerBeat.objects.get().last_poll_at is not None
    monkeypatch.setattr(worker, "should_stop", 0)
    beat("enrichment", STARTED)
    assert WorkerBeat.objects.get().last_poll_at is None


@pytest.mark.django_db
def test_a_worker_has_one_row_however_often_it_beats() -> None:
    for _ in range(2):
        beat("enrichment", STARTED)
    assert WorkerBeat.objects.count() == 1


@pytest.mark.django_db
def test_only_living_workers_of_the_pool_count() -> None:
    beat_of("a:1", timedelta(0))
    beat_of("b:1", LOST_AFTER - 5 * SECOND)
    beat_of("lost:1", LOST_AFTER + SECOND)
    beat_of("other:1", timedelta(0), pool="moderation")
    assert permits("enrichment") == 20


@pytest.mark.django_db
def test_a_keeper_is_seen_while_it_beats() -> None:
    assert not a_keeper_lives()
    beat_of_keeper()
    assert a_keeper_lives()
    WorkerBeat.objects.update(beat_at=Now() - LOST_AFTER - SECOND)
    assert not a_keeper_lives()


@pytest.mark.django_db
def test_without_workers_there_are_no_permits() -> None:
    assert permits("enrichment") == 0


@pytest.mark.django_db
def test_a_worker_lost_for_an_hour_is_forgotten() -> None:
    beat_of("old:1", FORGOTTEN_AFTER + SECOND)
    beat_of("lost:1", LOST_AFTER + SECOND)
    beat("enrichment", STARTED)
    assert not WorkerBeat.objects.filter(worker="old:1").exists()
    assert WorkerBeat.objects.filter(worker="lost:1").exists()


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_ends_leaves_no_row() -> None:
    consumer = SimpleNamespace()
    presence = Presence(consumer)
    presence.start(consumer)
    presence.stop(consumer)
    presence.shutdown(consumer)
    assert not WorkerBeat.objects.exists()
