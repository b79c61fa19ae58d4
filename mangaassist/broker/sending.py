"""Sends messages ten in one call, several calls at once, and says which of them were not taken."""

from __future__ import annotations

import time
import uuid
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError
from kombu.exceptions import BatchPublishError  # type: ignore[attr-defined]

from mangaassist import aws
from mangaassist.broker.envelope import pack
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Rejected, Temporary, classify

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

MOST_ENTRIES = 10
MOST_BYTES = 1024 * 1024
LANES = 4  # calls under way at once: full speed also when a call takes 20 ms
PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds before entries that SQS could not take are sent again


class NotSent(BatchPublishError):  # type: ignore[misc]
    """Some messages of a batch were not taken, or nobody knows.

    failed: MessageDeduplicationId → Failure (Temporary, Rejected or Misconfigured). All others of
    the batch are in the queue. Sending a failed one again within five minutes under the same id is
    harmless.
    """

    def __init__(self, failed: dict[str, Failure]) -> None:
        first = next(iter(failed.values()))
        super().__init__(f"{len(failed)} messages were not sent; the first: {first}")
        self.failed = failed


def entry(message: dict[str, Any]) -> Entry:
    """The entry of SendMessageBatch for a prepared kombu message.

    The publisher gives MessageGroupId (required: a shared group would be worked off one by one) and
    MessageDeduplicationId (a random one otherwise). Raises ValueError without a group.
    """
    properties = message["properties"]
    if not properties.get("MessageGroupId"):
        raise ValueError("A message for a FIFO queue needs a MessageGroupId.")
    identity = str(properties.get("MessageDeduplicationId") or uuid.uuid4())
    return {
        "Id": identity,  # replaced by its place in the call
        "MessageBody": pack(message),
        "MessageGroupId": str(properties["MessageGroupId"]),
        "MessageDeduplicationId": identity,
    }


class SendBatch:
    """A publishing session of `Producer.batch()`.

    Nothing raises before `flush`, which raises NotSent for all failures of the session together, so
    that one failure does not hide what happened to the others. After a call that failed as a whole
    the rest is not tried. Messages of one group may overtake each other within a session.
    """

    def __init__(self, channel: Any, max_size: int) -> None:
        self.channel = channel
        self._max_size = max_size
        self._pending: dict[str, list[Entry]] = defaultdict(list)
        self._count = 0
        self._failed: dict[str, Failure] = {}
        self._outage: Failure | None = None

    def publish(self, message: dict[str, Any], routing_key: str, **_options: Any) -> None:
        self._pending[routing_key].append(entry(message))
        self._count += 1
        if self._count >= self._max_size:
            self._send()

    def flush(self) -> None:
        """Sends everything that waits; raises NotSent."""
        self._send()
        failed, self._failed, self._outage = self._failed, {}, None
        if failed:
            raise NotSent(failed)

    def discard(self) -> None:
        self._pending.clear()
        self._count = 0

    def close(self) -> None:
        self.discard()

    def _send(self) -> None:
        calls = [
            (queue, chunk) for queue, entries in self._pending.items() for chunk in chunks(entries)
        ]
        self.discard()
        aws.sqs()  # Lanes that asked for the first client at the same time would each make one.
        for failed in _lanes().map(self._send_chunk, calls):
            self._failed.update(failed)

    def _send_chunk(self, call: tuple[str, list[Entry]]) -> dict[str, Failure]:
        queue, chunk = call
        if self._outage:
            return dict.fromkeys(_identities(chunk), self._outage)
        try:
            return send(queue_url(queue), chunk)
        except (ClientError, BotoCoreError) as error:
            self._outage = classify(error)
            return dict.fromkeys(_identities(chunk), self._outage)


def send(url: str, chunk: list[Entry]) -> dict[str, Failure]:
    """Sends up to ten entries; returns the failures by MessageDeduplicationId.

    Entries that SQS itself could not take are sent up to five times. Raises ClientError or
    BotoCoreError when a whole call fails.
    """
    left: dict[str, Entry] = {str(n): {**one, "Id": str(n)} for n, one in enumerate(chunk)}
    rejected: dict[str, Failure] = {}
    untaken: dict[str, Failure] = {}
    for pause in (0.0, *PAUSES):
        time.sleep(pause)
        answer = aws.sqs().send_message_batch(QueueUrl=url, Entries=list(left.values()))
        errors = {error["Id"]: error for error in answer.get("Failed", ())}
        untaken = {}
        for number, error in errors.items():
            identity = left[number]["MessageDeduplicationId"]
            if error["SenderFault"]:
                rejected[identity] = Rejected(error["Code"], error.get("Message", ""))
            else:
                untaken[identity] = Temporary(error["Code"], error.get("Message", ""))
        left = {n: one for n, one in left.items() if one["MessageDeduplicationId"] in untaken}
        if not left:
            break
    return rejected | untaken


def chunks(entries: list[Entry]) -> Iterator[list[Entry]]:
    """Splits entries into calls of at most ten entries and 1 MiB."""
    chunk: list[Entry] = []
    size = 0
    for one in entries:
        length = len(one["MessageBody"].encode())
        if chunk and (len(chunk) == MOST_ENTRIES or size + length > MOST_BYTES):
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += length
    if chunk:
        yield chunk


def _identities(chunk: list[Entry]) -> list[str]:
    return [one["MessageDeduplicationId"] for one in chunk]


@cache
def _lanes() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(LANES, thread_name_prefix="send")
