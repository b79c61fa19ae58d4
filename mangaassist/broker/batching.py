"""Collects single things into batches and hands each batch to a function in the background."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

logger = logging.getLogger(__name__)

T = TypeVar("T")

BATCH_SIZE = 10  # the most that one SQS call takes
LANES = 4  # batches under way at once: 40 things per round trip
LINGER = 0.1  # seconds that a thing waits for company


class Batcher(Generic[T]):
    """Batches of at most ten things.

    One thread collects at a time while the others wait for their call to be answered, so that
    several calls are under way and a long round trip does not limit the rate.
    """

    def __init__(self, name: str, handle: Callable[[list[T]], None]) -> None:
        self._name = name
        self._handle = handle
        self._waiting: SimpleQueue[T] = SimpleQueue()
        self._collecting = Lock()
        self._unfinished = 0
        self._finished = Condition()
        self._started = False

    def put(self, thing: T) -> None:
        with self._finished:
            self._unfinished += 1
            if not self._started:
                self._start()
        self._waiting.put(thing)

    def drain(self, timeout: float) -> int:
        """Waits until all is handled; returns how much is left after the timeout, in seconds."""
        with self._finished:
            self._finished.wait_for(lambda: self._unfinished == 0, timeout)
            return self._unfinished

    def _start(self) -> None:
        self._started = True
        for lane in range(LANES):
            Thread(target=self._run, name=f"{self._name}-{lane}", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._collecting:
                batch = self._collect()
            try:
                self._handle(batch)
            except Exception:
                logger.exception("%s could not handle a batch of %d", self._name, len(batch))
            self._finish(len(batch))

    def _collect(self) -> list[T]:
        batch = [self._waiting.get()]
        deadline = time.monotonic() + LINGER
        while len(batch) < BATCH_SIZE:
            try:
                batch.append(self._waiting.get(timeout=max(0.0, deadline - time.monotonic())))
            except Empty:
                break
        return batch

    def _finish(self, count: int) -> None:
        with self._finished:
            self._unfinished -= count
            if not self._unfinished:
                self._finished.notify_all()
