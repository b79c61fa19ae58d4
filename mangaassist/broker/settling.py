"""Ends deliveries off the main loop: deletes finished messages, gives others back, in batches."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import aws
from mangaassist.broker.batching import Batcher
from mangaassist.broker.exits import MISCONFIGURED, stop_worker
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Misconfigured, classify

logger = logging.getLogger(__name__)

FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds between tries

# The message was received again or is gone: this receipt can do nothing any more.
STALE = frozenset({"ReceiptHandleIsInvalid", "InvalidParameterValue", "MessageNotInflight"})

Call = Callable[..., Mapping[str, Any]]
Entry = dict[str, Any]


@dataclass(frozen=True)
class Release:
    """A receipt to give back, visible again after `delay` seconds."""

    receipt: str
    delay: int


class Settler:
    """Settles the deliveries of one queue; any thread may call.

    visibility: seconds after which SQS delivers an unsettled message again; none is tried longer.
    """

    def __init__(self, queue: str, visibility: float) -> None:
        self._queue = queue
        self._visibility = visibility
        self._deletes = Batcher[str](f"delete-{queue}", self._delete)
        self._releases = Batcher[Release](f"release-{queue}", self._release)

    def delete(self, receipt: str) -> None:
        self._deletes.put(receipt)

    def release(self, receipt: str, delay: int = 0) -> None:
        self._releases.put(Release(receipt, delay))

    def drain(self, timeout: float) -> None:
        """Waits until all is settled; logs what is not after the timeout, in seconds."""
        deadline = time.monotonic() + timeout
        undeleted = self._deletes.drain(timeout)
        unreleased = self._releases.drain(max(0.0, deadline - time.monotonic()))
        if undeleted or unreleased:
            logger.error(
                "%s: %d messages are not deleted and %d not given back; they will come again",
                self._queue, undeleted, unreleased,
            )  # fmt: skip

    def _delete(self, receipts: list[str]) -> None:
        entries = [{"ReceiptHandle": receipt} for receipt in receipts]
        self._settle("DeleteMessageBatch", aws.sqs().delete_message_batch, entries)

    def _release(self, releases: list[Release]) -> None:
        entries = [
            {"ReceiptHandle": one.receipt, "VisibilityTimeout": one.delay} for one in releases
        ]
        call = aws.sqs().change_message_visibility_batch
        self._settle("ChangeMessageVisibilityBatch", call, entries)

    def _settle(self, operation: str, call: Call, entries: list[Entry]) -> None:
        """Repeats a call until each entry is settled or stale; a missing right stops the worker."""
        entries = [{"Id": str(number), **entry} for number, entry in enumerate(entries)]
        for pause in _pauses(self._visibility):
            entries, failure = _attempt(call, self._queue, entries)
            if isinstance(failure, Misconfigured):
                stop_worker(MISCONFIGURED, f"{operation} on {self._queue}: {failure}")
                return
            if not entries:
                return
            logger.error(
                "%s of %d messages of %s failed, trying again: %s",
                operation, len(entries), self._queue, failure,
            )  # fmt: skip
            time.sleep(pause)
        logger.error("%s gave up on %d messages of %s", operation, len(entries), self._queue)


def _attempt(call: Call, queue: str, entries: list[Entry]) -> tuple[list[Entry], Failure | None]:
    """Makes one call; returns the entries that need another and why."""
    try:
        answer = call(QueueUrl=queue_url(queue), Entries=entries)
    except (ClientError, BotoCoreError) as error:
        return entries, classify(error)
    failed = {one["Id"]: one for one in answer.get("Failed", ()) if one["Code"] not in STALE}
    failures = [_failure(one) for one in failed.values()]
    return [entry for entry in entries if entry["Id"] in failed], next(iter(failures), None)


def _failure(failed: Mapping[str, Any]) -> Failure:
    error = {"Code": failed["Code"], "Message": failed.get("Message", "")}
    return classify(ClientError({"Error": error}, "Settle"))  # type: ignore[typeddict-item]


def _pauses(total: float) -> Iterator[float]:
    """Doubling pauses in seconds, until with the calls between them they last `total`."""
    end = time.monotonic() + total
    pause = FIRST_PAUSE
    while time.monotonic() < end:
        yield pause
        pause = min(2 * pause, LONGEST_PAUSE)
