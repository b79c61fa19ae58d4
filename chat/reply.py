"""Answers one message: the flow from its words to the one final event, within one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from typing import Protocol

import structlog
from django.conf import settings

from chat import choice, mentions, moderation, prompts, retrieval
from chat.answers import NO_CATALOGUE, NO_HISTORY, Done, Draft
from chat.cards import MOST_CARDS, Card
from chat.catalogue import Found
from chat.prompts import Past
from chat.threads import in_time
from chat.trying import Delta, Phase, attempt
from chat.turns import State
from mangaassist import metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import classify
from mangaassist.messages import Parameters
from mangaassist.validation import validate_message

LONGEST = 26.0  # seconds until the final event; the gateway gives up at 29
ENDING = 2.0  # seconds of them for saving
BEGINNING = 2.0  # seconds for storing the message and reading what was said before
SAVING = 1.5
SHORTEST_TRY = 2.0  # seconds that a call must have left to be worth its cost
LEFT_ALONE = LONGEST / 2  # seconds for which another process that began an answer may end it
LOOK_EVERY = 1.5  # seconds, whether it has

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Asked:
    """One message of a shopper, not judged yet. language: ja or en."""

    text: str
    language: str


@dataclass(frozen=True)
class Refused:
    """The message is not valid and was not stored: the only event."""

    code: str
    message: str
    parameters: Parameters


@dataclass(frozen=True)
class Accepted:
    """The message will be answered. turn: its number, 0 when it could not be stored."""

    turn: int


@dataclass(frozen=True)
class Cards:
    """Titles that the message names, before any word of the answer; Done has the final ones."""

    cards: tuple[Card, ...]


Event = Refused | Accepted | Phase | Cards | Delta | Done


@dataclass(frozen=True)
class Begun:
    """A message in its session.

    done: how it ended if it was answered before; age: seconds since it was asked, when another
    process began to answer it and has died or is not known to live; else 0.
    """

    turn: int
    past: Past
    done: Done | None = None
    age: float = 0.0


class Store(Protocol):
    """Where one message and its answer are kept. All of it blocks and may raise anything."""

    def begin(self, text: str) -> Begun:
        """Stores the message, once, and reads what was said before it."""

    def find(self) -> Done | None:
        """How another process has ended it meanwhile."""

    def save(self, done: Done) -> Done:
        """Keeps the answer, or that it is deferred, and sees to what follows from it.

        Returns what is kept: what another process answered if that was first.
        """


async def reply(asked: Asked, store: Store, stopped: asyncio.Event) -> AsyncGenerator[Event]:
    """Yields Refused alone, or Accepted, phases and text, and exactly one Done at the end.

    Done comes in time whatever fails or hangs; of a message that was answered before it comes
    alone, and of one that another process answers meanwhile after Accepted. stopped: set by the
    shopper; what is written by then is kept.
    """
    deadline, draft = Deadline(LONGEST), Draft(asked.language)
    verdict = validate_message(asked.text)
    if not verdict.accepted:
        metrics.HTTP_400.record(preferredLanguage=asked.language, Reason=verdict.code)
        yield Refused(verdict.code, verdict.message(asked.language), verdict.parameters)
        return
    _judge(verdict.text, draft)
    # Titles are looked up while the message is stored, unless that would be for nothing.
    search = None if draft.state else asyncio.create_task(_search(verdict.text, draft, deadline))
    try:
        begun = await _begun(store, verdict.text, draft, deadline)
        if begun.done:
            yield begun.done
            return
        deadline = deadline.before(min(begun.age, LONGEST - ENDING))
        yield Accepted(begun.turn)
        if search:
            if begun.age and (done := await _elsewhere(store, begun.age, stopped)):
                yield done
                return
            answer = _answer(verdict.text, begun.past, search, draft, stopped, deadline)
            async with aclosing(answer) as events:
                async for event in events:
                    yield event
    except Exception:
        log.exception("reply_failed")
        draft.end(State.INCOMPLETE if draft.text else State.FAILED)
    finally:
        if search:
            search.cancel()
    yield await _ended(store, draft, deadline)


async def _begun(store: Store, text: str, draft: Draft, deadline: Deadline) -> Begun:
    """Without the store the message is answered all the same, as if it were the first."""
    try:
        return await in_time(lambda: store.begin(text), deadline.within(BEGINNING))
    except Exception as error:
        log.exception("message_not_stored", code=_code(error))
        draft.notices.append(NO_HISTORY)
        return Begun(0, Past())


async def _elsewhere(store: Store, age: float, stopped: asyncio.Event) -> Done | None:
    """The answer of another process, which may live: it is waited for before a second is begun."""
    patience = Deadline(LEFT_ALONE - age)
    while patience.left() and not stopped.is_set():
        try:
            if done := await in_time(store.find, patience.within(BEGINNING)):
                return done
        except Exception as error:
            log.exception("answer_not_looked_for", code=_code(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), patience.within(LOOK_EVERY))
    return None


async def _answer(
    message: str, past: Past, search: asyncio.Task[Found], draft: Draft,
    stopped: asyncio.Event, deadline: Deadline,
) -> AsyncGenerator[Phase | Cards | Delta]:  # fmt: skip
    """Leaves the draft with a state."""
    deadline = deadline.before(ENDING)
    if deadline.left() >= SHORTEST_TRY:
        yield Phase("searching")
        found = await search
        if draft.named:
            yield Cards(draft.named)
        yield Phase("thinking")
        prompt = prompts.render(message, draft.language, past, found)
        fast, strong = settings.CHAT_MODEL, settings.CHAT_STRONG_MODEL
        for model in choice.ladder(message, len(found.entries), fast, strong):
            if stopped.is_set():
                draft.end(State.STOPPED)
            if draft.state or deadline.left() < SHORTEST_TRY:
                break
            async with aclosing(attempt(model, prompt, draft, stopped, deadline)) as events:
                async for event in events:
                    yield event
    if draft.state is None:
        draft.end(State.DEFERRED)


def _judge(message: str, draft: Draft) -> None:
    """Refuses by our rules, before anything costs anything."""
    if code := moderation.judge(message):
        metrics.HTTP_400.record(preferredLanguage=draft.language, Reason=code)
        draft.refuse(moderation.REFUSALS[code])


async def _search(message: str, draft: Draft, deadline: Deadline) -> Found:
    """Looks titles up, and notes the cards that the answer may show."""
    found = await retrieval.find(message, draft.language, deadline)
    if not found.complete:
        draft.notices.append(NO_CATALOGUE)
    draft.known = {entry.id: entry.card for entry in found.entries if entry.card}
    named = mentions.named(message, found.entries)
    draft.named = tuple(entry.card for entry in named if entry.card)[:MOST_CARDS]
    draft.mark("searched")
    return found


async def _ended(store: Store, draft: Draft, deadline: Deadline) -> Done:
    """Keeps the answer; one that is deferred and not kept would never come, so it has failed."""
    done = draft.done()
    kept = await _kept(store, done, deadline.within(SAVING))
    if done.state is State.DEFERRED and not kept:
        draft.end(State.FAILED)
        done = draft.done()
    metrics.WS_ANSWERS.record(State=done.state)
    metrics.CHAT_REPLY_TIME.record(1_000 * done.seconds["total"])
    if "first_words" in done.seconds:
        metrics.WS_FIRST_WORD.record(1_000 * done.seconds["first_words"])
    return kept or done


async def _kept(store: Store, done: Done, seconds: float) -> Done | None:
    """What is kept now; None when that took too long, which is logged and counted."""
    try:
        return await in_time(lambda: store.save(done), seconds)
    except Exception as error:
        log.exception("answer_not_saved", code=_code(error))
        metrics.CHAT_SAVE_FAILURES.record(Code=_code(error))
        return None


def _code(error: Exception) -> str:
    return "timeout" if isinstance(error, TimeoutError) else classify(error).code
