"""Answers one message: the flow from its words to the one final event, within one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial

import structlog
from django.conf import settings

from chat import choice, mentions, moderation, prompts, retrieval
from chat.ahead import Ahead
from chat.answers import NO_CATALOGUE, Done, Draft
from chat.beginning import Beginning, Store, code_of
from chat.cards import MOST_CARDS, Card
from chat.catalogue import Found
from chat.conversation import Leave
from chat.prompts import Past
from chat.threads import in_time
from chat.trying import Delta, Phase, attempt
from chat.turns import State
from mangaassist import metrics
from mangaassist.deadline import Deadline
from mangaassist.messages import Parameters
from mangaassist.validation import Verdict, validate_message

LONGEST = 26.0  # seconds until the final event; the gateway gives up at 29
ENDING = 2.0  # seconds of them for saving
SAVING = 1.5
SHORTEST_TRY = 2.0  # seconds that a call must have left to be worth its cost
LEFT_ALONE = LONGEST / 2  # seconds for which another process that began an answer may end it
LOOK_EVERY, LOOK_WITHIN = 1.5, 2.0  # seconds, whether it has

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


def reply(
    asked: Asked, store: Store, stopped: asyncio.Event, leave: Leave
) -> AsyncGenerator[Event]:
    """Yields Refused alone, or Accepted, phases and text, and exactly one Done at the end.

    Done comes in time whatever fails or hangs; of a message that was answered before it comes
    alone, and of one that another process answers meanwhile after Accepted. stopped: set by the
    shopper; what is written by then is kept.

    leave: to answer, as the number of the thread's last frame, 0 for an unknown one. Meanwhile
    titles are looked up, and the session is read unless it is known. None: no leave; nothing is
    yielded or stored, and no answer bought.
    """
    verdict = validate_message(asked.text)
    if verdict.accepted:
        return _reply(verdict.text, Draft(asked.language), store, stopped, leave)
    return _refused(verdict, asked.language, leave)


async def _refused(verdict: Verdict, language: str, leave: Leave) -> AsyncGenerator[Refused]:
    if await leave() is not None:
        metrics.HTTP_400.record(preferredLanguage=language, Reason=verdict.code)
        yield Refused(verdict.code, verdict.message(language), verdict.parameters)


async def _reply(
    message: str, draft: Draft, store: Store, stopped: asyncio.Event, leave: Leave
) -> AsyncGenerator[Accepted | Phase | Cards | Delta | Done]:
    """Of a valid message."""
    deadline = Deadline(LONGEST)
    beginning = Beginning(store, message, draft, deadline, LONGEST - ENDING)
    # Nothing is looked up for what our rules refuse.
    code, n = moderation.judge(message), None
    search = None if code else asyncio.create_task(_search(message, draft, deadline))
    try:
        if (n := await leave()) is None:
            return
        if search:
            events = _answered(beginning, n, search, message, draft, stopped)
        else:
            events = _judged(beginning, draft, code)
        async with aclosing(events):
            async for event in events:
                yield event
                if isinstance(event, Done):
                    return
    except Exception:
        if n is None:
            raise
        log.exception("reply_failed")
        draft.end(State.INCOMPLETE if draft.text else State.FAILED)
    finally:
        beginning.cancel()
        if search:
            search.cancel()
    yield await _ended(store, draft, beginning.deadline)


async def _judged(
    beginning: Beginning, draft: Draft, code: str
) -> AsyncGenerator[Accepted | Phase | Cards | Delta | Done]:
    """Of a message that our rules refuse; it is stored with the reason."""
    metrics.HTTP_400.record(preferredLanguage=draft.language, Reason=code)
    draft.refuse(moderation.REFUSALS[code])
    begun = await beginning.end()
    yield begun.done or Accepted(begun.turn)


async def _answered(
    beginning: Beginning, n: int, search: asyncio.Task[Found], message: str, draft: Draft,
    stopped: asyncio.Event,
) -> AsyncGenerator[Accepted | Phase | Cards | Delta | Done]:  # fmt: skip
    """Ends with Done only if somebody else has kept an answer; else the draft has a state.

    The model begins while the message is stored.
    """
    answer = partial(_answer, message, search, draft, stopped)
    ahead: Ahead[Phase | Cards | Delta] | None = None
    try:
        if past := await beginning.past(n):
            ahead = Ahead(answer(past, beginning.deadline))
        begun = await beginning.end()
        if begun.done:
            yield begun.done
            return
        yield Accepted(begun.turn)
        if begun.age and (done := await _elsewhere(beginning.store, begun.age, stopped)):
            yield done
            return
        ahead = ahead or Ahead(answer(begun.past, beginning.deadline))
        async for event in ahead.read():
            yield event
    finally:
        if ahead:
            await ahead.close()


async def _elsewhere(store: Store, age: float, stopped: asyncio.Event) -> Done | None:
    """The answer of another process, which may live: it is waited for before a second is begun."""
    patience = Deadline(LEFT_ALONE - age)
    while patience.left() and not stopped.is_set():
        try:
            if done := await in_time(store.find, patience.within(LOOK_WITHIN)):
                return done
        except Exception as error:
            log.exception("answer_not_looked_for", code=code_of(error))
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), patience.within(LOOK_EVERY))
    return None


async def _answer(
    message: str, search: asyncio.Task[Found], draft: Draft, stopped: asyncio.Event,
    past: Past, deadline: Deadline,
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
        log.exception("answer_not_saved", code=code_of(error))
        metrics.CHAT_SAVE_FAILURES.record(Code=code_of(error))
        return None
