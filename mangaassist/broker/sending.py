"""Sends messages ten in one call, several calls at once, and says which of them were not taken."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import attempts, aws
from mangaassist.broker.envelope import pack, pack_call
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Rejected, Temporary, classify

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

MOST_ENTRIES = 10
MOST_BYTES = 1024 * 1024
LANES = 4  # calls under way at once: full speed also when a call takes 20 ms
FIRST_PAUSE = 1.0  # seconds, at most, before a call that failed is made again
PAUSES = (0.1, 0.2, 0.4, 0.8)  # seconds before entries that SQS could not take are sent again


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


def call_entry(task: str, args: tuple[Any, ...], group: str, identity: str) -> Entry:
    """The entry of a call of a task, whose id becomes its MessageDeduplicationId."""
    return {
        "Id": identity,  # replaced by its place in the call
        "MessageBody": pack_call(task, identity, args),
        "MessageGroupId": group,
        "MessageDeduplicationId": identity,
    }


def send_all(waiting: Mapping[str, list[Entry]]) -> dict[str, Failure]:
    """Sends entries, given by queue; returns the failures by MessageDeduplicationId.

    They are Temporary, Rejected or Misconfigured, and one does not hide what happened to the
    others; all others are in their queues, or nobody knows. Sending a failed one again within five
    minutes under the same id is harmless. Messages of one group may overtake each other.
    """
    calls = [(queue, chunk) for queue, entries in waiting.items() for chunk in chunks(entries)]
    aws.sqs()  # Lanes that asked for the first client at the same time would each make one.
    side_by_side = _lanes().map if len(calls) > 1 else map
    failed: dict[str, Failure] = {}
    for some in side_by_side(_Session().send, calls):
        failed |= some
    return failed


class _Session:
    """After a call that failed as a whole the rest is not tried."""

    def __init__(self) -> None:
        self._outage: Failure | None = None

    def send(self, call: tuple[str, list[Entry]]) -> dict[str, Failure]:
        queue, chunk = call
        if self._outage is None:
            try:
                return send(queue_url(queue), chunk)
            except (ClientError, BotoCoreError, Failure) as error:
                self._outage = classify(error)
        return {one["MessageDeduplicationId"]: self._outage for one in chunk}


def send(url: str, chunk: list[Entry]) -> dict[str, Failure]:
    """Sends up to ten entries; returns the failures by MessageDeduplicationId.

    Entries that SQS itself could not take are sent up to five times. Raises what boto3 raises, or
    Temporary, when a whole call fails.
    """
    left: dict[str, Entry] = {str(n): {**one, "Id": str(n)} for n, one in enumerate(chunk)}
    rejected: dict[str, Failure] = {}
    untaken: dict[str, Failure] = {}
    for pause in (0.0, *PAUSES):
        time.sleep(pause)
        params = {"QueueUrl": url, "Entries": list(left.values())}
        answer = attempts.call(aws.sqs(), "SendMessageBatch", params, aws.SEND_READ, FIRST_PAUSE)
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


@cache
def _lanes() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(LANES, thread_name_prefix="send")
