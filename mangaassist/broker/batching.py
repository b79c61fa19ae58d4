"""Collects single things into batches and hands each batch to a function in a background thread."""

from __future__ import annotations

import time
from collections.abc import Callable
from queue import Empty, SimpleQueue
from threading import Condition, Lock, Thread
from typing import Generic, TypeVar

T = TypeVar("T")

BATCH_SIZE = 10  # the most that one SQS call takes


class Batcher(Generic[T]):
    """Batches of at most ten, none waiting longer than `linger` seconds for company.

    One thread collects at a time while the others wait for their call to be answered, so that
    several calls are under way and a long round trip does not limit the rate.
    """

    def __init__(self, name: str, handle: Callable[[list[T]], None], lanes: int, linger: float) -> None:
        self._name = name
        self._handle = handle
        self._lanes = lanes
        self._linger = linger
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
        """Waits until everything is handled; returns how many things are left after the timeout, in seconds."""
        with self._finished:
            self._finished.wait_for(lambda: self._unfinished == 0, timeout)
            return self._unfinished

    def _start(self) -> None:
        self._started = True
        for lane in range(self._lanes):
            Thread(target=self._run, name=f"{self._name}-{lane}", daemon=True).start()

    def _run(self) -> None:
        while True:
            with self._collecting:
                batch = self._collect()
            try:
                self._handle(batch)
            finally:
                self._finish(len(batch))

    def _collect(self) -> list[T]:
        batch = [self._waiting.get()]
        deadline = time.monotonic() + self._linger
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
