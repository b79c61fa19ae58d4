"""Frames that the server sends to a page; fields are called as on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any, ClassVar

from mangaassist.messages import Parameters

# Made once: json.dumps would make an encoder for each frame.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True)
class ServerFrame:
    """One frame. Fields that are None are left out."""

    type: ClassVar[str]

    def encoded(self) -> str:
        """The frame as JSON. Field by field, since a text alone costs a third of a document."""
        fields = [f'"type":"{self.type}"']
        for name, value in vars(self).items():
            if value is not None:
                fields.append(f'"{name}":{_encode(value)}')
        return f"{{{','.join(fields)}}}"


def numbered(n: int, encoded: str) -> str:
    """An encoded frame with its number in the thread's log."""
    return f'{{"n":{n},{encoded[1:]}'


@dataclass(frozen=True)
class Ready(ServerFrame):
    """The first frame of a connection. n: the last number in the log, 0 when there is none."""

    type = "ready"
    session: str
    language: str
    limits: Mapping[str, int]
    n: int


@dataclass(frozen=True)
class Accepted(ServerFrame):
    """A message is stored and will be answered; turn: its number."""

    type = "accepted"
    of: str
    turn: int
    message: str


@dataclass(frozen=True)
class Phase(ServerFrame):
    """phase: searching, thinking or writing."""

    type = "phase"
    of: str
    phase: str


@dataclass(frozen=True)
class Cards(ServerFrame):
    """Titles that the message names; the final frame has those that the answer names."""

    type = "cards"
    of: str
    cards: Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Delta(ServerFrame):
    type = "delta"
    of: str
    text: str


@dataclass(frozen=True)
class Done(ServerFrame):
    """The one final frame of an accepted message. text: the whole answer as far as there is one.

    state: complete, stopped, truncated, incomplete, refused, deferred or failed; seconds: where
    the time went; notice: a sentence for the shopper; suggestions: what to ask next.
    """

    type = "done"
    of: str
    state: str
    text: str
    turn: int | None = None
    model: str | None = None
    seconds: Mapping[str, float] | None = None
    notice: str | None = None
    cards: Sequence[Mapping[str, Any]] | None = None
    suggestions: Sequence[str] | None = None


@dataclass(frozen=True)
class Late(ServerFrame):
    """The answer to a deferred message; state failed or refused: that none will come."""

    type = "late"
    of: str
    text: str
    turn: int
    state: str
    cards: Sequence[Mapping[str, Any]] | None = None
    suggestions: Sequence[str] | None = None


@dataclass(frozen=True)
class Cleared(ServerFrame):
    type = "cleared"


@dataclass(frozen=True)
class Refused(ServerFrame):
    """A frame that was not taken; message says why in the page's language. retry_after: seconds."""

    type = "refused"
    code: str
    message: str
    parameters: Parameters
    of: str | None = None
    retry_after: float | None = None


@dataclass(frozen=True)
class History(ServerFrame):
    """Turns, oldest first. n: the frames up to this number are in it; those after it follow."""

    type = "history"
    turns: Sequence[Mapping[str, Any]]
    more: bool
    summary: str | None = None
    n: int | None = None

    def questions(self) -> dict[str, str]:
        """What was asked, by the ids of the messages."""
        return {turn["id"]: turn["text"] for turn in self.turns if turn["role"] == "user"}

    def unanswered(self) -> set[str]:
        """The ids of the questions without an answer."""
        return self.questions().keys() - {turn["id"] for turn in self._answers()}

    def deferred(self) -> set[str]:
        """The ids of the questions whose answers are to come later."""
        return {turn["id"] for turn in self._answers() if turn["state"] == "deferred"}

    def late(self, messages: Set[str]) -> list[Late]:
        """The answers to some that were deferred and have been answered since."""
        return [
            Late(
                turn["id"], turn["text"], turn["turn"], turn["state"],
                turn.get("cards"), turn.get("suggestions"),
            )
            for turn in self._answers() if turn["id"] in messages - self.deferred()
        ]  # fmt: skip

    def _answers(self) -> list[Mapping[str, Any]]:
        return [turn for turn in self.turns if turn["role"] == "assistant"]


@dataclass(frozen=True)
class FeedbackSaved(ServerFrame):
    type = "feedback_saved"
    of: str


@dataclass(frozen=True)
class Closing(ServerFrame):
    """The connection ends. reason: a key of consumer.CLOSE_CODES; retry_after: seconds."""

    type = "closing"
    reason: str
    retry_after: float


@dataclass(frozen=True)
class Pong(ServerFrame):
    type = "pong"
