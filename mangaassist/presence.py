"""Living workers and keepers: each writes its beat to the database, everybody reads who lives."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from celery import bootsteps
from django.db import close_old_connections
from django.db.models import Sum
from django.db.models.functions import Now

from mangaassist import activity
from mangaassist.broker.exits import stopping
from mangaassist.broker.health import state as broker
from mangaassist.models import WorkerBeat

BEAT_EVERY = 5.0  # seconds
LOST_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)
KEEPERS = "keeper"  # the pool in the rows of keepers
STARTED_AT = datetime.now(UTC)

log = structlog.get_logger(__name__)


def permits(pool: str) -> int:
    """Bedrock calls that the pool's living workers may have in flight."""
    alive = WorkerBeat.objects.filter(pool=pool, beat_at__gt=Now() - LOST_AFTER)
    return int(alive.aggregate(total=Sum("permits"))["total"] or 0)


def living(pool: str) -> int:
    """The pool's living workers."""
    return WorkerBeat.objects.filter(pool=pool, beat_at__gt=Now() - LOST_AFTER).count()


def a_keeper_lives() -> bool:
    return permits(KEEPERS) > 0


def beats_here(pool: str) -> bool:
    """Whether a worker of the pool, or a keeper, lives on this machine; a container is one."""
    alive = WorkerBeat.objects.filter(pool=pool, beat_at__gt=Now() - LOST_AFTER)
    return alive.filter(worker__startswith=f"{activity.HOST}:").exists()


def beat_of_keeper() -> None:
    """Keeper duty: writes that a keeper is alive."""
    beat(KEEPERS, STARTED_AT)


def beat_of_pool() -> None:
    """Duty of a web process: writes that it is alive, and how many of its permits are in use."""
    beat(activity.pool, STARTED_AT)


def leave() -> None:
    """Takes this process's row away; a database that does not let it is logged."""
    _attempt(lambda: WorkerBeat.objects.filter(worker=activity.WORKER).delete())


def beat(pool: str, started_at: datetime) -> None:
    """Writes this process's row."""
    heard = time.time() - (time.monotonic() - broker.quiet_since)
    polls = broker.polled_at is not None and not stopping()
    WorkerBeat.objects.update_or_create(
        worker=activity.WORKER,
        defaults={
            "pool": pool,
            "permits": activity.permits.limit,
            "in_use": activity.permits.in_use,
            "done": activity.tally.done,
            "failed": activity.tally.failed,
            "last_poll_at": datetime.fromtimestamp(heard, UTC) if polls else None,
            "started_at": started_at,
            "beat_at": Now(),
        },
    )
    WorkerBeat.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()


class Presence(bootsteps.StartStopStep):
    """Celery worker step: beats from its own thread, also while a warm shutdown drains the pool."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._started_at = datetime.now(UTC)

    def start(self, consumer: Any) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="presence", daemon=True)
            self._thread.start()

    def stop(self, consumer: Any) -> None:
        """Nothing yet: tasks are still running."""

    def shutdown(self, consumer: Any) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._ended.is_set():
            _attempt(lambda: beat(activity.pool, self._started_at))
            self._ended.wait(BEAT_EVERY)
        leave()


def _attempt(write: Callable[[], object]) -> None:
    """A beat that the database does not take is logged and missed; the next one follows."""
    try:
        write()
    except Exception:
        log.exception("beat_failed")
    finally:
        close_old_connections()
