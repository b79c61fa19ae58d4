"""A harmless message through a real queue, and a catalogue row that proves it came through."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import TYPE_CHECKING

import celery
import structlog

from mangaassist import aws, catalog
from mangaassist.broker.urls import queue_url
from mangaassist.celery import app, hand_over
from mangaassist.errors import Failure, naming
from mangaassist.resources import Queue

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

KEY = catalog.CANARY  # the title id of its row and the group of its messages
ROUNDS = 10  # receives of at most ten messages, a second each

log = structlog.get_logger(__name__)


def stamp() -> int:
    """A number above all earlier ones: the canary's item."""
    return time.time_ns() // 1_000_000


def write(number: int) -> None:
    """Writes the canary's row as a worker writes results. Raises like `catalog.put`."""
    source = catalog.Provenance(number, 1, "none", "none", "none", 0, 0, Decimal(0))
    catalog.put(KEY, {}, {"canary": {"ja": "検査", "en": "canary"}}, source)


def written(number: int) -> bool:
    """Whether the row carries this number or a later one. Raises like `catalog.get`."""
    row = catalog.get(KEY)
    return row is not None and int(row["enrichment"]["canary"]["item"]) >= number


@app.task(base=celery.Task, name="canary")
def canary(number: int) -> None:
    """What a worker does with it. A failure is for the sender to miss, not for SQS to repeat."""
    try:
        write(number)
    except Failure as failure:
        log.exception("canary_failed", code=failure.code, cause=failure.message)


def send(queue: Queue, number: int) -> None:
    """Raises a Failure that names the missing permission or queue."""
    hand_over(canary, queue, KEY, _identity(number), number)


def receive(queue: Queue, number: int) -> tuple[bool, int]:
    """Takes the canary out of a queue without workers; says if it came, and how many others came.

    The others stay hidden until the end, or they would come again and again; then they go back.
    """
    url = queue_url(queue.name)
    others: list[str] = []
    try:
        for _ in range(ROUNDS):
            for message in _receive(queue, url):
                if message["Attributes"]["MessageGroupId"] != KEY:
                    others.append(message["ReceiptHandle"])
                elif _take(queue, url, message) == _identity(number):
                    return True, len(others)
    finally:
        _give_back(queue, url, others)
    return False, len(others)


def _identity(number: int) -> str:
    return f"canary:{number}"


def _receive(queue: Queue, url: str) -> list[MessageTypeDef]:
    with naming("sqs:ReceiveMessage", f"queue {queue.name}"):
        answer = aws.sqs().receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=1,
            MessageSystemAttributeNames=["MessageGroupId", "MessageDeduplicationId"],
        )
    return answer.get("Messages", [])


def _take(queue: Queue, url: str, message: MessageTypeDef) -> str:
    """Deletes a canary, ours or one left behind, and says which one it is."""
    with naming("sqs:DeleteMessage", f"queue {queue.name}"):
        aws.sqs().delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message["Attributes"]["MessageDeduplicationId"]


def _give_back(queue: Queue, url: str, receipts: list[str]) -> None:
    for receipt in receipts:
        with naming("sqs:ChangeMessageVisibility", f"queue {queue.name}"):
            aws.sqs().change_message_visibility(
                QueueUrl=url, ReceiptHandle=receipt, VisibilityTimeout=0
            )
