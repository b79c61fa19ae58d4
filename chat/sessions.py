"""The sessions of shoppers in DynamoDB: one row for each question with its answer.

A message costs one round trip before its first words unless its session is known (`latest`), one
beside them (`begin`) and one after its last (`finish`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, dropwhile, islice

from django.conf import settings

from chat import owed, rows
from chat.rows import Unmet, newest_first
from chat.turns import (
    Answer,
    Exchange,
    History,
    Row,
    State,
    Turn,
    history_of,
    living,
    milliseconds,
    question_of,
    stored_answer,
)
from mangaassist.errors import Rejected, Temporary

LOOKBACK = rows.PAGE  # exchanges within which a message id is recognised
TOUCH_EVERY = timedelta(minutes=1)  # a read prolongs a session no more often
ROUNDS = 8  # tries before contention is given back as Temporary


@dataclass(frozen=True)
class Begun:
    """A message in its session. answer: if it was sent before and has one already.

    history: of the turns before it; earlier: their exchanges, newest first.
    """

    turn: Turn
    new: bool
    answer: Turn | None
    history: History
    earlier: Sequence[Exchange]

    def exchanges(self, answer: Turn) -> list[Exchange]:
        """The latest ones with this answer, newest first, as if they were read now."""
        expires_at = (self.turn.at + rows.KEPT).replace(microsecond=0)
        newest = Exchange(self.turn, answer, answer.state, answer.at, expires_at)
        return [newest, *self.earlier][:LOOKBACK]


def latest(session_id: str) -> list[Exchange]:
    """The latest exchanges, newest first, also those of a session that has ended.

    Raises a Failure; like all functions here, it blocks: call it in a thread.
    """
    return list(islice(newest_first(session_id), LOOKBACK))


def before(seen: Sequence[Exchange], message_id: str) -> History | None:
    """What was said before a message that comes now; None when it is among what was seen."""
    if any(row.question.message_id == message_id for row in seen):
        return None
    return _history(living(seen, datetime.now(UTC), _pause()))


def begin(
    session_id: str, message_id: str, text: str, language: str,
    seen: Sequence[Exchange] | None = None,
) -> Begun:  # fmt: skip
    """Stores a message as the session's next turn; the same message id again changes nothing.

    seen: the latest exchanges, if they are known. Raises a Failure.
    """
    tries = set()  # when they were made; one may have stored the message and not heard of it
    for _ in range(ROUNDS):
        now = _now()
        stored, seen = latest(session_id) if seen is None else seen, None
        alive = list(living(stored, now, _pause()))
        for n, row in enumerate(alive):
            if row.question.message_id == message_id:
                is_ours, earlier = milliseconds(row.question.at) in tries, alive[n + 1 :]
                return Begun(row.question, is_ours, row.answer, _history(earlier), earlier)
        # Numbers go on after a session that ended, whose rows may be there for a while.
        number = stored[0].question.number + 2 if stored else 1
        turn = Turn(number, "user", text, State.COMPLETE, message_id, now, language)
        tries.add(milliseconds(now))
        if rows.put(session_id, turn):
            return Begun(turn, True, None, _history(alive), alive)
    raise Temporary("session_contention", f"Other messages came first {ROUNDS} times.")


def finish(session_id: str, question: Turn, answer: Answer) -> Turn:
    """Stores the answer to a question once and returns what is stored.

    Only an answer that is deferred gives way to another. Raises Rejected `turn_gone` when the
    session was cleared meanwhile, else a Failure.
    """
    now = datetime.now(UTC)
    values: Row = {":state": answer.state, ":answer": stored_answer(answer)}
    values |= {":at": milliseconds(now), ":open": State.OPEN}
    sets = "SET #state = :state, answer = :answer, answeredAt = :at"
    condition = "#state = :open"
    if answer.state is not State.DEFERRED:
        condition = "#state IN (:open, :deferred)"
        values[":deferred"] = State.DEFERRED
    if due := owed.after(answer.state, now):
        sets += ", owed = :owed, dueAt = :due REMOVE asked"
        values |= {":owed": due.kind, ":due": due.at}
    else:
        sets += " REMOVE owed, dueAt, asked"
    try:
        row: Exchange | None = _change(session_id, question, sets, condition, values)
    except Unmet as unmet:
        row = unmet.row
    if row is None or row.answer is None or row.question.message_id != question.message_id:
        raise Rejected("turn_gone", "The session was cleared before its answer was there.")
    return row.answer


def history(session_id: str, limit: int = LOOKBACK, before: int | None = None) -> History:
    """The latest turns of a living session, read consistently; prolongs it.

    limit: turns; before: only turns with smaller numbers. Raises a Failure.
    """
    now = datetime.now(UTC)
    alive = living(newest_first(session_id), now, _pause())
    newest = next(alive, None)
    if newest is None:
        return History()
    if newest.activity + TOUCH_EVERY < now:
        _touch(session_id, newest.question, now)
    older: Iterator[Exchange] = chain([newest], alive)
    if before is not None:
        older = dropwhile(lambda row: row.question.number >= question_of(before), older)
    # One more than asked for tells whether there are older ones.
    return history_of(islice(older, (limit + 1) // 2 + 1), limit)


def find(session_id: str, message_id: str) -> tuple[Exchange | None, History]:
    """The exchange of a recent message, and the turns before it. Raises a Failure."""
    stored = latest(session_id)
    for n, row in enumerate(stored):
        if row.question.message_id == message_id:
            earlier = living(stored[n + 1 :], row.question.at, _pause())
            return row, _history(earlier)
    return None, History()


def clear(session_id: str) -> None:
    """Deletes all that is stored of a session, of earlier ones under its id too. Raises a Failure.

    An answer that is under way finds nothing to be written to.
    """
    while keys := rows.keys(session_id):
        rows.delete(keys)


def feedback(session_id: str, message_id: str, value: str, reason: str = "") -> bool:
    """Stores what a shopper thinks of an answer, with it; says whether there is such an answer.

    value: up or down. Raises a Failure.
    """
    found, _ = find(session_id, message_id)
    if found is None or found.answer is None:
        return False
    given = {"value": value, "reason": reason, "at": milliseconds(datetime.now(UTC))}
    sets = "SET feedback = :given"
    return _changed(session_id, found.question, sets, "attribute_exists(answer)", {":given": given})


def put_summary(session_id: str, upto: Turn, text: str) -> bool:
    """Stores a summary of all turns up to an answer, with that answer.

    So a late one lies with an older answer than a newer one and never hides it. False when the
    answer has a summary already or was cleared. Raises a Failure.
    """
    unsummed = "attribute_exists(answer) AND attribute_not_exists(summary)"
    return _changed(session_id, upto, "SET summary = :text", unsummed, {":text": text})


def withdraw(session_id: str, answer: Turn, text: str) -> Turn | None:
    """Replaces a reviewed answer by a text that says so; None when it was cleared."""
    sets = (
        "SET #state = :state, answer.#text = :text REMOVE answer.cards, owed, dueAt, asked, summary"
    )
    values: Row = {":state": State.WITHDRAWN, ":text": text}
    try:
        return _change(session_id, answer, sets, "attribute_exists(answer)", values).answer
    except Unmet:
        return None


def approve(session_id: str, answer: Turn) -> bool:
    """Ends the wait for a review; False when it had ended or the session was cleared."""
    owing = {":owed": owed.REVIEW}
    return _changed(session_id, answer, "REMOVE owed, dueAt, asked", "owed = :owed", owing)


def postpone(session_id: str, turn: Turn, seconds: float) -> bool:
    """Makes what is owed due so many seconds from now; False when nothing is owed any more."""
    due = milliseconds(datetime.now(UTC) + timedelta(seconds=seconds))
    sets, condition = "SET dueAt = :due", "attribute_exists(owed)"
    return _changed(session_id, turn, sets, condition, {":due": due})


def _now() -> datetime:
    """As exact as the table keeps it."""
    now = datetime.now(UTC)
    return now.replace(microsecond=now.microsecond // 1_000 * 1_000)


def _history(alive: Iterable[Exchange]) -> History:
    return history_of(alive, 2 * LOOKBACK)


def _pause() -> timedelta:
    return timedelta(minutes=settings.CHAT_SESSION_MINUTES)


def _touch(session_id: str, turn: Turn, now: datetime) -> None:
    sets, condition = "SET seenAt = :now", "attribute_exists(turn)"
    _changed(session_id, turn, sets, condition, {":now": milliseconds(now)})


def _changed(session_id: str, turn: Turn, update: str, condition: str, values: Row) -> bool:
    """Changes the row of a turn if it is still that of its message; says whether it did."""
    try:
        _change(session_id, turn, update, condition, values)
    except Unmet:
        return False
    return True


def _change(session_id: str, turn: Turn, update: str, condition: str, values: Row) -> Exchange:
    values = {":message": turn.message_id, **values}
    return rows.change(
        session_id, turn.number, update, f"messageId = :message AND {condition}", values
    )
