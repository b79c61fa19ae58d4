"""Keeps the messages of running and waiting tasks hidden from other workers."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator
from functools import partial
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from celery import bootsteps

from mangaassist import aws
from mangaassist.broker.options import Options
from mangaassist.broker.settling import STALE
from mangaassist.broker.urls import queue_url

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import (
        ChangeMessageVisibilityBatchRequestEntryTypeDef as Entry,
    )

logger = logging.getLogger(__name__)

BATCH_SIZE = 10
BEATS = 3  # in one visibility timeout: two may fail


class VisibilityHeartbeat(bootsteps.StartStopStep):
    """Extends the visibility of every message held, also while a warm shutdown drains the pool.

    It has a thread of its own because Celery's loop stands still during that shutdown.
    """

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def __init__(self, consumer: Any, **kwargs: Any) -> None:
        super().__init__(consumer, **kwargs)
        self._options = Options.read(consumer.app.conf.broker_transport_options)
        self._ended = Event()
        self._thread: Thread | None = None

    def start(self, consumer: Any) -> None:
        if self._thread is None:
            run = partial(self._run, consumer)
            self._thread = Thread(target=run, name="visibility", daemon=True)
            self._thread.start()

    def stop(self, consumer: Any) -> None:
        """Nothing yet: tasks are still running."""

    def shutdown(self, consumer: Any) -> None:
        self._ended.set()

    def _run(self, consumer: Any) -> None:
        interval = min(self._options.visibility_timeouts.values()) / BEATS
        while not self._ended.wait(interval):
            try:
                self._beat(consumer.task_consumer)
            except Exception:
                logger.exception("The visibility heartbeat missed a beat")

    def _beat(self, task_consumer: Any) -> None:
        if task_consumer is None:
            return
        held = task_consumer.channel.window.held()
        for queue, receipts in _by_queue(held).items():
            for batch in _batches(receipts):
                extend(queue, batch, self._options.visibility_timeouts[queue])


def extend(queue: str, receipts: list[str], seconds: int) -> None:
    """Hides up to ten messages for so many seconds from now; logs those it could not."""
    entries: list[Entry] = [
        {"Id": str(number), "ReceiptHandle": receipt, "VisibilityTimeout": seconds}
        for number, receipt in enumerate(receipts)
    ]
    answer = aws.sqs().change_message_visibility_batch(QueueUrl=queue_url(queue), Entries=entries)
    for failure in answer.get("Failed", ()):
        # A task that ended since the batch was made is the usual and harmless case.
        if failure["Code"] not in STALE:
            logger.error("A message of %s stays visible: %s", queue, failure["Code"])


def _by_queue(messages: list[Any]) -> dict[str, list[str]]:
    receipts = defaultdict(list)
    for message in messages:
        receipts[message.delivery_info["routing_key"]].append(message.delivery_tag)
    return receipts


def _batches(receipts: list[str]) -> Iterator[list[str]]:
    for first in range(0, len(receipts), BATCH_SIZE):
        yield receipts[first : first + BATCH_SIZE]
