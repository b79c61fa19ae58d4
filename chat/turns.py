"""The turns of a session as frozen values, and which of the stored ones belong to it now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any

from chat import cards
from chat.cards import Card

Row = dict[str, Any]  # one exchange in the table, as boto3's deserializer gives it


class State(StrEnum):
    """How far the answer to a message is; all but the first two are final."""

    OPEN = "open"
    DEFERRED = "deferred"  # a worker will answer in the same thread
    COMPLETE = "complete"
    STOPPED = "stopped"  # by the shopper
    TRUNCATED = "truncated"  # it had become too long
    INCOMPLETE = "incomplete"  # it broke off
    REFUSED = "refused"  # by our rules, the model or a guardrail
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # by the review of finished answers


@dataclass(frozen=True)
class Answer:
    """What a reply ended with. cost: USD."""

    text: str
    state: State
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True)
class Turn:
    """One message of a session. Questions have odd numbers, their answers the next even ones.

    role: user or assistant; message_id: of the question, also on its answer; feedback: up, down or
    empty.
    """

    number: int
    role: str
    text: str
    state: State
    message_id: str
    at: datetime
    language: str
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    feedback: str = ""
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True)
class Exchange:
    """A question and, once there is one, its answer: one row.

    asked: how often a worker was asked for what is owed; activity: the last sign of life.
    """

    question: Turn
    answer: Turn | None
    state: State
    activity: datetime
    expires_at: datetime
    summary: str = ""
    asked: int = 0

    @property
    def turns(self) -> tuple[Turn, ...]:
        return (self.question, self.answer) if self.answer else (self.question,)


@dataclass(frozen=True)
class History:
    """The latest turns, oldest first.

    summary: of all turns up to number `summary_upto`; both are empty or 0 without one. more:
    whether the session has turns before these.
    """

    turns: tuple[Turn, ...] = ()
    summary: str = ""
    summary_upto: int = 0
    more: bool = False


def question_of(number: int) -> int:
    """The number of the question of an exchange, for any of its two turns."""
    return number - 1 + number % 2


def living(rows: Iterable[Exchange], now: datetime, pause: timedelta) -> Iterator[Exchange]:
    """Of rows newest first, those of the session that is alive now.

    A session has ended when nothing happened in it for longer than the pause; what came before
    such a gap belongs to an earlier one, even while DynamoDB has not yet deleted it.
    """
    following = now
    for row in rows:
        if row.expires_at <= now or row.activity + pause <= following:
            return
        yield row
        following = row.question.at


def history_of(rows: Iterable[Exchange], limit: int) -> History:
    """Of the living rows, newest first; limit: turns."""
    newest = list(rows)
    turns = [turn for row in reversed(newest) for turn in row.turns]
    kept = tuple(turns[-limit:])
    for row in newest:
        if row.summary:
            return History(kept, row.summary, row.question.number + 1, len(kept) < len(turns))
    return History(kept, more=len(kept) < len(turns))


def exchange(row: Mapping[str, Any]) -> Exchange:
    """Reads a row. Raises KeyError for one that is not ours."""
    number, state = int(row["turn"]), State(row["state"])
    asked_at = _time(row["at"])
    common: Any = {"message_id": row["messageId"], "language": row["language"]}
    question = Turn(number, "user", row["text"], State.COMPLETE, at=asked_at, **common)
    answer = None
    if "answer" in row:
        said = row["answer"]
        answer = Turn(
            number + 1, "assistant", said["text"], state, at=_time(row["answeredAt"]),
            model=said["model"], input_tokens=int(said["inputTokens"]),
            output_tokens=int(said["outputTokens"]), cost=said["costUsd"],
            feedback=row.get("feedback", {}).get("value", ""),
            cards=cards.read(said.get("cards", ())), **common,
        )  # fmt: skip
    signs = [_time(row[name]) for name in ("at", "answeredAt", "seenAt") if name in row]
    expires_at = datetime.fromtimestamp(int(row["expiresAt"]), UTC)
    return Exchange(
        question, answer, state, max(signs), expires_at, row.get("summary", ""),
        int(row.get("asked", 0)),
    )  # fmt: skip


def stored_answer(answer: Answer) -> Row:
    return {
        "text": answer.text,
        "model": answer.model,
        "inputTokens": answer.input_tokens,
        "outputTokens": answer.output_tokens,
        "costUsd": answer.cost,
        "cards": [card.shown() for card in answer.cards],
    }


def milliseconds(at: datetime) -> int:
    """How the table keeps times, since 1970."""
    return int(at.timestamp() * 1000)


def _time(stored: Decimal) -> datetime:
    return datetime.fromtimestamp(int(stored) / 1000, UTC)
