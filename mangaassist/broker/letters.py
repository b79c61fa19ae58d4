"""Dead letters: looked at without being taken, sent back to their queue, or deleted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import structlog

from mangaassist import aws
from mangaassist.broker.urls import queue_url
from mangaassist.errors import naming
from mangaassist.gauges import depth

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import MessageTypeDef

AT_ONCE = 10  # messages that one call of SQS carries
LOOKED_AT = 15  # seconds for which others do not see a letter, if whoever looks at it dies
WORKED_ON = 60  # the same for one that is sent back or deleted

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Letter:
    """One message. receives: also those by whoever looked; task, arguments: empty for a body that
    no task of ours wrote; they are ids, never text of people."""

    id: str
    handle: str
    group: str
    body: str
    task: str
    arguments: tuple[Any, ...]
    sent_at: datetime
    first_received_at: datetime | None
    receives: int


def look(dead_letters: str, most: int) -> list[Letter]:
    """Up to so many letters; all of them are put back at once. Raises Failure.

    SQS gives no more of a group while some of it is held. So a group that the end of a full answer
    may have cut is put back and asked for anew, and of none are more than ten shown.
    """
    found: dict[str, Letter] = {}
    receives: dict[str, int] = {}  # before we asked for a letter again
    while len(found) < most and (several := _receive(dead_letters, AT_ONCE, LOOKED_AT)):
        again = _perhaps_cut(several)
        if any(one.id in receives for one in again):
            again = []
        put_back(dead_letters, again)
        for one in several:
            first = receives.setdefault(one.id, one.receives)
            if one not in again:
                found[one.id] = replace(one, receives=first)
    put_back(dead_letters, list(found.values()))
    return list(found.values())[:most]


def _perhaps_cut(several: Sequence[Letter]) -> list[Letter]:
    """Those of the last group of a full answer that has others too."""
    last = [one for one in several if one.group == several[-1].group]
    return last if len(last) < len(several) == AT_ONCE else []


def cut(letters: Iterable[Letter]) -> list[str]:
    """Groups of which SQS showed as many letters as it shows of any: others may stand behind."""
    of_group = Counter(letter.group for letter in letters)
    return [group for group, number in of_group.items() if number >= AT_ONCE]


def take(dead_letters: str, most: int, seconds: int = WORKED_ON) -> list[Letter]:
    """Up to so many letters, which nobody else gets for some seconds. Raises Failure."""
    found: list[Letter] = []
    while len(found) < most:
        several = _receive(dead_letters, min(AT_ONCE, most - len(found)), seconds)
        if not several:
            break
        found += several
    return found


def _receive(dead_letters: str, most: int, seconds: int) -> list[Letter]:
    with naming("sqs:ReceiveMessage", f"queue {dead_letters}"):
        answer = aws.sqs().receive_message(
            QueueUrl=queue_url(dead_letters),
            MaxNumberOfMessages=most,
            MessageSystemAttributeNames=["All"],
            VisibilityTimeout=seconds,
            WaitTimeSeconds=0,
        )
    return [_letter(message) for message in answer.get("Messages", [])]


def put_back(dead_letters: str, letters: Sequence[Letter]) -> None:
    """Lets others see them at once. Raises Failure.

    Those that SQS does not put back are logged; others see them when their time is over.
    """
    with naming("sqs:ChangeMessageVisibility", f"queue {dead_letters}"):
        for begin in range(0, len(letters), AT_ONCE):
            answer = aws.sqs().change_message_visibility_batch(
                QueueUrl=queue_url(dead_letters),
                Entries=[
                    {"Id": str(place), "ReceiptHandle": letter.handle, "VisibilityTimeout": 0}
                    for place, letter in enumerate(letters[begin : begin + AT_ONCE])
                ],
            )
            for failed in answer.get("Failed", []):
                letter, code = letters[begin + int(failed["Id"])], failed["Code"]
                log.warning("letter_not_put_back", queue=dead_letters, id=letter.id, code=code)


def send_back(queue: str, letter: Letter, token: str) -> None:
    """Sends a letter to its queue again, in its group. Raises Failure.

    token: of this attempt. The letter's own deduplication id would let SQS drop it silently within
    five minutes; with the token, sending again after a crash is what SQS drops.
    """
    with naming("sqs:SendMessage", f"queue {queue}"):
        aws.sqs().send_message(
            QueueUrl=queue_url(queue),
            MessageBody=letter.body,
            MessageGroupId=letter.group,
            MessageDeduplicationId=f"{token}:{letter.id}",
        )


def delete(dead_letters: str, letter: Letter) -> None:
    """Raises Failure."""
    with naming("sqs:DeleteMessage", f"queue {dead_letters}"):
        aws.sqs().delete_message(QueueUrl=queue_url(dead_letters), ReceiptHandle=letter.handle)


def count(dead_letters: str) -> int:
    """Letters that wait or are held, as SQS estimates them. Raises Failure."""
    return sum(depth(dead_letters))


def named(letters: Iterable[Letter], ids: Iterable[str]) -> tuple[list[Letter], list[Letter]]:
    """Those with one of the ids, and the others."""
    wanted = set(ids)
    chosen: list[Letter] = []
    others: list[Letter] = []
    for letter in letters:
        (chosen if letter.id in wanted else others).append(letter)
    return chosen, others


def _letter(message: MessageTypeDef) -> Letter:
    attributes = message["Attributes"]
    first = attributes.get("ApproximateFirstReceiveTimestamp")
    task, arguments = _task(message["Body"])
    return Letter(
        id=message["MessageId"],
        handle=message["ReceiptHandle"],
        group=attributes["MessageGroupId"],
        body=message["Body"],
        task=task,
        arguments=arguments,
        sent_at=_time(attributes["SentTimestamp"]),
        first_received_at=None if first is None else _time(first),
        receives=int(attributes["ApproximateReceiveCount"]),
    )


def _time(milliseconds: str) -> datetime:
    return datetime.fromtimestamp(int(milliseconds) / 1_000, UTC)


def _task(body: str) -> tuple[str, tuple[Any, ...]]:
    """Name and arguments; nothing of what is no task of ours, as strangers may have sent it."""
    try:
        envelope = json.loads(body)
        arguments = json.loads(envelope["body"])[0]
        return str(envelope["headers"]["task"]), tuple(arguments)
    except (ValueError, TypeError, KeyError, IndexError):
        return "", ()
