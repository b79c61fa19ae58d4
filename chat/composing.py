"""The prompt of an answer that comes later: what the reply of the web process would have asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import structlog

from chat import prompts, retrieval
from chat.answers import chosen
from chat.cards import Card
from chat.catalogue import Found
from chat.guard import Guard
from chat.turns import History, State, Turn
from mangaassist.errors import Refused

log = structlog.get_logger(__name__)
UNTOLD = frozenset({State.OPEN, State.DEFERRED, State.FAILED, State.WITHDRAWN})


@dataclass(frozen=True)
class Clean:
    """What may be shown of an answer: its words, and the cards of the titles that it cites."""

    text: str
    cards: tuple[Card, ...] = ()


@dataclass(frozen=True)
class Composed:
    """What to ask, and how to clean what the model answers; `clean` raises Refused for a leak."""

    system: str
    messages: Sequence[Mapping[str, str]]
    clean: Callable[[str], Clean]


def compose(question: Turn, history: History) -> Composed:
    """Raises a Failure when the catalogue cannot be read; without a search, the answer says so."""
    try:
        found = retrieval.look_up(question.text, question.language)
    except retrieval.NotSearched:
        log.exception("answer_without_search")
        found = Found(complete=False)
    past = prompts.Past(spoken(history), history.summary)
    prompt = prompts.render(question.text, question.language, past, found)

    def clean(text: str) -> Clean:
        way_out = Guard(prompt.ids, question.language)
        kept = way_out.feed(text) + way_out.finish()
        if way_out.leaked:
            raise Refused("leak", "The answer held a part of our prompt.")
        known = {entry.id: entry.card for entry in found.entries if entry.card}
        return Clean(kept.strip(), chosen(way_out.cited, known))

    return Composed(prompt.system, prompt.messages, clean)


def spoken(history: History) -> list[dict[str, str]]:
    """The turns that a model may be told, oldest first; those of the summary among them.

    Truncation puts the summary in the place of what does not fit.
    """
    return [
        {"role": turn.role, "content": turn.text}
        for turn in history.turns
        if turn.state not in UNTOLD
    ]
