"""The conversation that connections carry: answers by the reply, kept in the sessions' table."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from typing import Any, TypeVar

import structlog

from chat import answers, sessions, summaries, trying, turns
from chat import reply as replying
from chat.beginning import Begun, code_of
from chat.composing import spoken
from chat.conversation import Asked, Event, Leave
from chat.deferred import all_gone, hand_over
from chat.follow_ups import titles
from chat.frames import Feedback, Regenerate, SendMessage
from chat.prompts import Past
from chat.recent import Recent
from chat.server_frames import Accepted, Cards, Delta, Done, History, Phase, Refused
from chat.threads import in_time
from chat.turns import Answer, Exchange, State, Turn
from mangaassist import metrics
from mangaassist.errors import Rejected
from mangaassist.language import Language
from mangaassist.messages import Texts

T = TypeVar("T")

log = structlog.get_logger(__name__)

PATIENCE = 5.0  # seconds for a look into a session
GONE = Texts(
    "元の質問が見つかりません。もう一度入力してください。",
    "The question is not there any more. Please ask it again.",
)


class Kept:
    """One message and its answer in its session, as the reply stores them."""

    def __init__(self, asked: Asked, recent: Recent) -> None:
        self._asked = asked
        self._recent = recent
        self._seen: Sequence[Exchange] | None = None
        self.begun: sessions.Begun | None = None
        self.exchanges: Sequence[Exchange] = ()  # the latest ones, once the answer is kept

    def knows(self) -> bool:
        return self._recent.knows(self._asked.session)

    def recall(self, n: int) -> Past | None:
        return self._before(self._recent.find(self._asked.session, n))

    def read(self) -> Past | None:
        """Raises a Failure."""
        return self._before(sessions.latest(self._asked.session))

    def _before(self, seen: Sequence[Exchange] | None) -> Past | None:
        self._seen = seen
        history = None if seen is None else sessions.before(seen, self._asked.of)
        return _past(history) if history else None

    def begin(self, text: str) -> Begun:
        """Raises a Failure."""
        asked = self._asked
        self.begun = begun = sessions.begin(
            asked.session, asked.of, text, asked.language, self._seen
        )
        past = _past(begun.history)
        done = _ended(begun.answer, asked.language) if begun.answer else None
        age = 0.0 if begun.new else (datetime.now(UTC) - begun.turn.at).total_seconds()
        return Begun(begun.turn.number, past, done, max(0.0, age))

    def find(self) -> answers.Done | None:
        """Raises a Failure."""
        exchange, _ = sessions.find(self._asked.session, self._asked.of)
        answer = exchange and exchange.answer
        return _ended(answer, answer.language) if answer else None

    def save(self, done: answers.Done) -> answers.Done:
        """Raises a Failure; Rejected for a message that was not stored."""
        if self.begun is None:
            raise Rejected("not_stored", "The message itself was not stored.")
        answer = Answer(
            done.text, done.state, done.model,
            done.input_tokens, done.output_tokens, done.cost, done.cards,
        )  # fmt: skip
        session = self._asked.session
        stored = sessions.finish(session, self.begun.turn, answer)
        hand_over(session, stored, self.begun.history)
        if (stored.text, stored.state) != (answer.text, answer.state):
            return _ended(stored, stored.language)
        if self.begun.new:
            self.exchanges = self.begun.exchanges(stored)
        return done


def _past(history: turns.History) -> Past:
    return Past(spoken(history), history.summary)


class Assistant:
    """What `chat.conversation.Conversation` asks for."""

    def __init__(self) -> None:
        self._recent = Recent()

    async def reply(self, asked: Asked, stop: asyncio.Event, leave: Leave) -> AsyncIterator[Event]:
        if isinstance(asked.frame, Regenerate) and await leave() is None:
            return
        text = await _text(asked)
        if text is None:
            yield Refused("question_gone", GONE.text(asked.language, {}), {}, asked.of)
            return
        kept = Kept(asked, self._recent)
        events = replying.reply(replying.Asked(text, asked.language), kept, stop, leave)
        async with aclosing(events):
            async for event in events:
                if isinstance(event, answers.Done) and kept.exchanges:
                    self._recent.note(asked.session, asked.of, kept.exchanges)
                yield _frame(event, asked, text, kept)

    async def settled(self, session: str, of: str, n: int) -> None:
        self._recent.confirm(session, of, n)
        known = self._recent.find(session, n)
        if not known or not summaries.asked_for(turns.history_of(known[1:], 2 * len(known))):
            return
        try:
            known = await _look(lambda: sessions.latest(session))  # with the summary, perhaps
        except Exception as error:
            # What is known holds all the same, and the next answer looks again.
            log.exception("session_not_read", session=session, code=code_of(error))
            return
        self._recent.note(session, of, known)
        self._recent.confirm(session, of, n)

    async def broken_off(self, session: str, of: str, text: str, language: Language) -> Done:
        return await _look(lambda: _break_off(session, of, text, language))

    async def history(self, session: str, before: int | None) -> History:
        found = await _look(lambda: sessions.history(session, before=before))
        return History(
            [_turn(turn) for turn in found.turns], found.more, summary=found.summary or None
        )

    async def clear(self, session: str) -> None:
        await _look(lambda: sessions.clear(session))
        self._recent.forget(session)

    async def feedback(self, session: str, feedback: Feedback) -> None:
        is_kept = await _look(
            lambda: sessions.feedback(session, feedback.of, feedback.value, feedback.reason or "")
        )
        if is_kept:
            metrics.CHAT_FEEDBACK.record(Value=feedback.value)

    async def close(self) -> None:
        await asyncio.wrap_future(all_gone())


async def _look(function: Callable[[], T]) -> T:
    return await in_time(function, PATIENCE)


async def _text(asked: Asked) -> str | None:
    """What was asked; None for another answer to a question that is gone."""
    if isinstance(asked.frame, SendMessage):
        return asked.frame.message
    earlier = asked.frame.of
    exchange, _ = await _look(lambda: sessions.find(asked.session, earlier))
    return exchange.question.text if exchange else None


def _frame(event: replying.Event, asked: Asked, text: str, kept: Kept) -> Event:
    of = asked.of
    match event:
        case replying.Refused(code, message, parameters):
            return Refused(code, message, parameters, of)
        case replying.Accepted(turn):
            return Accepted(of, turn, text)
        case trying.Phase(name):
            return Phase(of, name)
        case replying.Cards(cards):
            return Cards(of, [card.shown() for card in cards])
        case trying.Delta(more):
            return Delta(of, more)
        case answers.Done():
            number = kept.begun.turn.number + 1 if kept.begun else None
            return Done(
                of, event.state, event.text, number, event.model or None,
                event.seconds or None, event.notice or None, **titles(event.cards, asked.language),
            )  # fmt: skip


def _break_off(session: str, of: str, text: str, language: Language) -> Done:
    """What a reply that nobody goes on writing leaves behind: its part, or an answer later."""
    exchange, history = sessions.find(session, of)
    if exchange is None:
        notice = answers.NOTICES[State.FAILED].text(language, {})
        return Done(of, State.FAILED, text, notice=notice)
    answer = Answer(text, State.INCOMPLETE if text else State.DEFERRED)
    stored = sessions.finish(session, exchange.question, answer)
    hand_over(session, stored, history)
    ended = _ended(stored, stored.language)
    return Done(
        of, stored.state, stored.text, stored.number, notice=ended.notice or None,
        **titles(stored.cards, stored.language),
    )  # fmt: skip


def _ended(answer: Turn, language: str) -> answers.Done:
    """How an answer ended that was stored before."""
    known = answers.NOTICES.get(answer.state)
    return answers.Done(
        answer.state, answer.text, known.text(language, {}) if known else "",
        answer.model, {}, answer.input_tokens, answer.output_tokens, answer.cost, answer.cards,
    )  # fmt: skip


def _turn(turn: Turn) -> dict[str, Any]:
    """As the protocol has it."""
    return {
        "turn": turn.number,
        "role": turn.role,
        "text": turn.text,
        "state": str(turn.state),
        "id": turn.message_id,
        "at": turn.at.isoformat(),
        **titles(turn.cards, turn.language),
    }
