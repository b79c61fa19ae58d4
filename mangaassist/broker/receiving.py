"""Threads that poll a queue: no failure of SQS ends them, and they go on soon after it heals."""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import activity, aws, metrics, wire
from mangaassist.broker.envelope import RawMessage, age
from mangaassist.broker.exits import MISCONFIGURED, stop_worker, stopping
from mangaassist.broker.health import state
from mangaassist.broker.options import Options
from mangaassist.broker.window import Window
from mangaassist.errors import MISSING, Failure, Misconfigured, classify

logger = logging.getLogger(__name__)

MOST_MESSAGES = 10  # in one answer of SQS
FILL_SECONDS = 0.05  # a nearly full window waits, so that one call brings several messages
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 16.0  # seconds after a failure
ATTRIBUTES = ["ApproximateReceiveCount", "MessageGroupId", "SentTimestamp"]


class Receiver(Thread):
    """Receives from one queue as long as the window has room.

    arrive: called with the messages of each answer, also of the poll that is open at `stop`.
    """

    def __init__(
        self,
        queue: str,
        window: Window,
        arrive: Callable[[list[RawMessage]], None],
        options: Options,
    ) -> None:
        super().__init__(name=f"receive-{queue}", daemon=True)
        self._queue = queue
        self._window = window
        self._arrive = arrive
        self._options = options
        self._stopping = Event()
        self._url: str | None = None
        self._failures = 0  # in a row

    def stop(self) -> None:
        """Ends after the open poll: broken off, it could still take messages and hide them."""
        self._stopping.set()

    def run(self) -> None:
        while not self._ending():
            if room := self._room():
                self._poll(room)

    def _ending(self) -> bool:
        # A worker asked to stop must not take up again what it is about to give back.
        return self._stopping.is_set() or stopping()

    def _room(self) -> int:
        if not self._window.wait(timeout=1.0):
            if self._window.is_full():
                state.full()
            return 0
        if self._ending():
            return 0
        if self._window.free() < min(MOST_MESSAGES, self._window.prefetch_count // 4):
            self._stopping.wait(FILL_SECONDS)
        return self._window.reserve(MOST_MESSAGES)

    def _poll(self, room: int) -> None:
        messages: list[RawMessage] = []
        try:
            messages = self._receive(room)
        except (ClientError, BotoCoreError, Failure) as error:
            self._failed(classify(error))
        except Exception as error:
            logger.exception("ReceiveMessage on %s failed in an unknown way", self._queue)
            self._failed(classify(error))
        else:
            self._succeeded()
        self._window.give_back(room - len(messages))
        if messages:
            self._measure(messages)
            self._arrive(messages)

    def _receive(self, room: int) -> list[RawMessage]:
        wait, margin = self._options.wait_time_seconds, self._options.margin_seconds
        if self._url is None:
            found = wire.call(aws.sqs(), "GetQueueUrl", {"QueueName": self._queue}, margin)
            self._url = str(found["QueueUrl"])
        request: dict[str, Any] = {
            "QueueUrl": self._url,
            "MaxNumberOfMessages": room,
            "WaitTimeSeconds": wait,
            "MessageSystemAttributeNames": ATTRIBUTES,
        }
        answer = wire.call(aws.sqs(), "ReceiveMessage", request, wait + margin)
        return list(answer.get("Messages", ()))

    def _measure(self, messages: list[RawMessage]) -> None:
        now = time.time()
        for raw in messages:
            metrics.MESSAGE_AGE.record(age(raw, now), Queue=self._queue)

    def _succeeded(self) -> None:
        if self._failures:
            logger.warning("SQS answers again after %d failures", self._failures)
        self._failures = 0
        state.polled()

    def _failed(self, failure: Failure) -> None:
        self._failures += 1
        state.failed(str(failure))
        metrics.BROKER_ERRORS.record(Pool=activity.pool)
        if failure.code.removeprefix("AWS.SimpleQueueService.") in MISSING:
            stop_worker(MISCONFIGURED, f"The queue {self._queue} does not exist.")
            self.stop()
            return
        pause = pause_after(self._failures)
        logger.log(
            logging.CRITICAL if isinstance(failure, Misconfigured) else logging.ERROR,
            "ReceiveMessage on %s failed %d times in a row, trying again in %.1f s: %s",
            self._queue, self._failures, pause, failure,
        )  # fmt: skip
        self._stopping.wait(pause)


def pause_after(failures: int) -> float:
    """Seconds to wait after so many failures in a row: 0.5 to 16, doubling, half of it random."""
    longest: float = min(FIRST_PAUSE * 2.0 ** min(failures - 1, 10), LONGEST_PAUSE)
    return longest * random.uniform(0.5, 1.0)
