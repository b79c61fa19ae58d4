"""Ends a worker that SQS has not answered for so long that a fresh process is the better bet."""

from __future__ import annotations

import logging
import os
import time
from threading import Event, Thread
from typing import Any

from celery import bootsteps

from mangaassist.broker.exits import UNREACHABLE, stopping
from mangaassist.broker.health import state
from mangaassist.broker.options import Options

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


class Watchdog(bootsteps.StartStopStep):
    """Exits with code 75, by which the supervisor knows to start the worker again."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._limit = Options.read(consumer.app.conf.broker_transport_options).watchdog_seconds
        self._ended = Event()
        self._thread: Thread | None = None

    def start(self, consumer: Any) -> None:
        if self._thread is None:
            state.full()  # The time before the first poll does not count.
            self._thread = Thread(target=self._run, name="watchdog", daemon=True)
            self._thread.start()

    def stop(self, consumer: Any) -> None:
        self._ended.set()

    def _run(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            quiet = time.monotonic() - state.quiet_since
            if quiet > self._limit and not stopping():
                logger.critical(
                    "No answer from SQS for %.0f s; the worker exits (exit code %d): %s",
                    quiet, UNREACHABLE, state.error,
                )  # fmt: skip
                logging.shutdown()
                # The ordinary way out could hang on the very connection that does not answer.
                os._exit(UNREACHABLE)
