"""Hands on what a process has measured: to its output for CloudWatch, to the database for us."""

from __future__ import annotations

import atexit
import sys
import threading
from datetime import datetime

import structlog
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from mangaassist.metrics import emf, samples
from mangaassist.metrics.registry import registry

EVERY = 10.0  # seconds

log = structlog.get_logger(__name__)


def flush(at: datetime | None = None) -> None:
    """Reports everything since the last time, as measured at `at`, by default now.

    A database that takes nothing is logged and its samples are lost; the lines have been printed.
    """
    at = at or timezone.now()
    measured = registry.take()
    if not measured:
        return
    for line in emf.lines(measured, at):
        sys.stdout.write(line + "\n")
    sys.stdout.flush()
    try:
        samples.write(measured, at)
    except DatabaseError:
        log.exception("samples_lost", count=len(measured))


class Reporter:
    """A thread that flushes until the process ends, and once more then."""

    def __init__(self) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        self._thread.start()
        atexit.register(self.stop)

    def stop(self) -> None:
        """Flushes a last time and returns."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        ended = False
        while not ended:
            ended = self._ended.wait(EVERY)
            try:
                flush()
            except Exception:
                log.exception("metrics_not_reported")
            finally:
                close_old_connections()
