"""What is owed to shoppers: answers that are not there, and reviews of those that are.

It is written into the row of the exchange together with what causes it, and found again by the
index `owed`, so nothing depends on a message in a queue or on the process that began it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from chat.turns import State, milliseconds
from mangaassist import dynamodb
from mangaassist.errors import naming
from mangaassist.resources import SESSIONS_TABLE

ANSWER, REVIEW = "answer", "review"
KINDS = (ANSWER, REVIEW)
ANSWERED_WITHIN = timedelta(seconds=26.5)  # a web process has stored it by 26; later it is dead
SENT_WITHIN = timedelta(seconds=60)  # a worker was asked and has not answered: ask again
MOST = 100  # that one look at the index brings

REVIEWED = frozenset({State.COMPLETE, State.STOPPED, State.TRUNCATED, State.INCOMPLETE})
INDEX = "owed"


@dataclass(frozen=True)
class Due:
    """Something owed. at: milliseconds since 1970."""

    kind: str
    at: int


@dataclass(frozen=True)
class Debt:
    """A row of the index: the exchange to which something is due."""

    session_id: str
    number: int
    due: Due


def opened(now: datetime) -> Due:
    """What a new question is owed."""
    return Due(ANSWER, milliseconds(now + ANSWERED_WITHIN))


def after(state: State, now: datetime) -> Due | None:
    """What is still owed after an answer."""
    if state is State.DEFERRED:
        return Due(ANSWER, milliseconds(now + SENT_WITHIN))
    if state in REVIEWED:
        return Due(REVIEW, milliseconds(now + SENT_WITHIN))
    return None


def overdue(kind: str) -> Iterator[Debt]:
    """What should have been there by now, longest first. Raises a Failure."""
    values: Any = {":kind": {"S": kind}, ":now": {"N": str(milliseconds(datetime.now(UTC)))}}
    with naming("dynamodb:Query", f"index {INDEX} of table {SESSIONS_TABLE.name}"):
        answer = dynamodb.call(
            "Query",
            TableName=SESSIONS_TABLE.name,
            IndexName=INDEX,
            KeyConditionExpression="owed = :kind AND dueAt <= :now",
            ExpressionAttributeValues=values,
            Limit=MOST,
        )
    for row in answer["Items"]:
        due = Due(row["owed"]["S"], int(row["dueAt"]["N"]))
        yield Debt(row["sessionId"]["S"], int(row["turn"]["N"]), due)
