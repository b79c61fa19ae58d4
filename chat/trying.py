"""One model's try at an answer: its words as they may be shown, or why there are none."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

import structlog

from chat import moderation
from chat.answers import ENDINGS, Draft
from chat.guard import Guard
from chat.prompts import Prompt
from chat.turns import State
from mangaassist import bedrock_stream, metrics
from mangaassist.bedrock_call import INTERVENED, configured_guardrail
from mangaassist.bedrock_stream import Bill, StreamBroken
from mangaassist.deadline import Deadline
from mangaassist.errors import Failure, Rejected
from mangaassist.pools import WEBSOCKET

PATIENCE = 0.3  # seconds for the limiter
COALESCING = 0.2  # seconds in which text gathers that comes faster than a stream is read
MOST_TOKENS = 800  # of an answer

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Phase:
    """What is being done: searching, thinking or writing."""

    name: str


@dataclass(frozen=True)
class Delta:
    """More text of the answer."""

    text: str


async def attempt(
    model: str, prompt: Prompt, draft: Draft, stopped: asyncio.Event, deadline: Deadline
) -> AsyncGenerator[Phase | Delta]:
    """Leaves the draft without a state when another try should follow.

    That is so only while nothing has been shown: what was shown is kept and never begun anew.
    """
    guard = Guard(prompt.ids, draft.language)
    draft.model, draft.text, draft.cited = model, "", guard.cited
    pieces = bedrock_stream.stream(
        model, prompt.system, prompt.messages, MOST_TOKENS, pool=WEBSOCKET, patience=PATIENCE,
        deadline=deadline, stopped=stopped, guardrail=configured_guardrail(),
    )  # fmt: skip
    try:
        async with aclosing(pieces):
            async for one in pieces:
                text = guard.finish() if isinstance(one, Bill) else guard.feed(one.text)
                if guard.leaked:
                    draft.refuse(moderation.REFUSALS["leak"])
                    return
                if text:
                    for event in _shown(text, draft):
                        yield event
                if isinstance(one, Bill):
                    draft.charge(model, one)
                    _end(draft, one.stop_reason)
                elif text:
                    await asyncio.sleep(COALESCING)
    except Failure as failure:
        _fail(draft, model, failure)


def _shown(text: str, draft: Draft) -> list[Phase | Delta]:
    """The first words say that the writing has begun."""
    is_first = not draft.text
    draft.text += text
    draft.mark("first_words")
    return [Phase("writing"), Delta(text)] if is_first else [Delta(text)]


def _end(draft: Draft, reason: str) -> None:
    """What the model's reason to stop means. Nothing written is no answer."""
    state = ENDINGS.get(reason, State.INCOMPLETE)
    if state is State.REFUSED and (not draft.text or reason == INTERVENED):
        draft.refuse(moderation.REFUSALS["model"])
    elif draft.text.strip() or state in (State.REFUSED, State.STOPPED):
        draft.end(state)
    else:
        metrics.CHAT_FALLBACKS.record(ModelId=draft.model, Code="empty_answer")


def _fail(draft: Draft, model: str, failure: Failure) -> None:
    if isinstance(failure, StreamBroken):
        draft.charge(model, failure.bill)
    log.warning("reply_broken", model=model, code=failure.code, cause=failure.message)
    metrics.CHAT_FALLBACKS.record(ModelId=model, Code=failure.code)
    if draft.text.strip():
        draft.end(State.INCOMPLETE)
    elif isinstance(failure, Rejected):
        draft.end(State.FAILED)
