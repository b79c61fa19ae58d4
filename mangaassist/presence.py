"""Living workers: each writes its beat to the database, everybody reads who is there."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import structlog
from celery import bootsteps
from django.db import close_old_connections
from django.db.models import Sum
from django.db.models.functions import Now

from mangaassist import activity
from mangaassist.broker import state as broker
from mangaassist.models import WorkerBeat

BEAT_EVERY = 5.0  # seconds
LOST_AFTER = timedelta(seconds=20)
FORGOTTEN_AFTER = timedelta(hours=1)

log = structlog.get_logger(__name__)


def permits(pool: str) -> int:
    """Bedrock calls that the pool's living workers may have in flight."""
    alive = WorkerBeat.objects.filter(pool=pool, beat_at__gt=Now() - LOST_AFTER)
    return int(alive.aggregate(total=Sum("permits"))["total"] or 0)


def beat(pool: str, started_at: datetime) -> None:
    """Writes this process's row."""
    polled = broker.last_success_at
    WorkerBeat.objects.update_or_create(
        worker=activity.WORKER,
        defaults={
            "pool": pool,
            "permits": activity.permits.limit,
            "in_use": activity.permits.in_use,
            "done": activity.tally.done,
            "failed": activity.tally.failed,
            "last_poll_at": datetime.fromtimestamp(polled, UTC) if polled else None,
            "started_at": started_at,
            "beat_at": Now(),
        },
    )
    WorkerBeat.objects.filter(beat_at__lt=Now() - FORGOTTEN_AFTER).delete()


class Presence(bootsteps.StartStopStep):
    """Celery worker step: beats from a thread of its own until the pool is drained."""

    requires = {"celery.worker.components:Pool"}

    def __init__(self, parent: object, **kwargs: object) -> None:
        super().__init__(parent, **kwargs)
        self.stopping = threading.Event()
        self.started_at = datetime.now(UTC)

    def start(self, parent: object) -> None:
        threading.Thread(target=self._run, name="presence", daemon=True).start()

    def terminate(self, parent: object) -> None:
        self.stopping.set()

    stop = terminate

    def _run(self) -> None:
        while not self.stopping.is_set():
            try:
                beat(activity.pool, self.started_at)
            except Exception:
                log.exception("beat_failed")
            finally:
                close_old_connections()
            self.stopping.wait(BEAT_EVERY)
        WorkerBeat.objects.filter(worker=activity.WORKER).delete()
        close_old_connections()
