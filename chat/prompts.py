"""What the model is asked: our rules, the catalogue and the conversation, never over the budget."""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

from django.conf import settings

from chat import mentions
from chat.catalogue import Entry, Found
from mangaassist import metrics
from mangaassist.language import Language
from mangaassist.tokens import Count, budget_tokens, estimate_message
from mangaassist.truncation import (
    MAX_INPUT_TOKENS,
    Message,
    MessageTooLarge,
    truncate_conversation_history,
)

VERSION = "chat-v2"
TEMPLATES = Path(__file__).with_name("prompt_templates")
CATALOGUE_TOKENS = 1_500  # the most that looked-up titles may take
CANARY_BYTES = 10

# Only what looks like one of our elements is escaped: to escape every bracket would double a
# message that is full of them.
ELEMENT = re.compile(
    r"[<＜](?=\s*[/／]?\s*(?:message|catalogue|title|id|not_found|earlier_conversation)\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Past:
    """What was said before: messages {"role", "content"}, oldest first, and their summary."""

    messages: Sequence[Mapping[str, str]] = ()
    summary: str = ""


@dataclass(frozen=True)
class Prompt:
    """Everything one call asks."""

    system: str
    messages: list[Message]
    ids: frozenset[str]  # of the titles that the answer may name


def render(
    message: str, language: str, past: Past, found: Found, count: Count = budget_tokens
) -> Prompt:
    """Asks for the answer to a valid message.

    Titles are left out before anything else when room is short, then the oldest exchanges, and
    either is counted. The message itself stays whole, and alone if need be: validation has already
    bounded it.
    """
    system = system_prompt(Language(language))
    room = MAX_INPUT_TOKENS - count(system)
    note = _missing(message, found) if found.complete else str(_texts()["unavailable"][language])
    for_titles = min(CATALOGUE_TOKENS, room - estimate_message(_current(message, (), note), count))
    entries = _fitting(found.entries, for_titles, count)
    if len(entries) < len(found.entries):
        metrics.TOKEN_BUDGET_TRUNCATIONS.record(Part="titles")
    current = _current(message, entries, note)
    history = [_said(turn) for turn in past.messages]
    try:
        messages = truncate_conversation_history(
            history, current, room, summary=past.summary, count=count
        )
    except MessageTooLarge:
        if history:
            metrics.TOKEN_BUDGET_TRUNCATIONS.record(Part="history")
        messages = [Message(role="user", content=delimited(message))]
    return Prompt(system, messages, frozenset(entry.id for entry in entries))


def delimited(message: str) -> str:
    """A customer's text as data, which cannot close its own element."""
    return f"<message>\n{ELEMENT.sub('&lt;', message)}\n</message>"


@cache
def system_prompt(language: Language) -> str:
    """Our rules in one language."""
    template: str = _texts()["system"][language].strip()
    return Template(template).substitute(canary=canary())


@cache
def canary() -> str:
    """A string of this deployment that no answer may ever have: whoever sees it saw the prompt."""
    digest = hmac.digest(settings.SECRET_KEY.encode(), b"chat canary", hashlib.sha256)
    return base64.b32encode(digest[:CANARY_BYTES]).decode().lower()


@cache
def _texts() -> dict[str, dict[str, str]]:
    return tomllib.loads((TEMPLATES / f"{VERSION}.toml").read_text(encoding="utf-8"))


def _said(turn: Mapping[str, str]) -> dict[str, str]:
    content = turn["content"]
    text = delimited(content) if turn["role"] == "user" else content
    return {"role": turn["role"], "content": text}


def _current(message: str, entries: Sequence[Entry], note: str) -> str:
    titles = [f"<catalogue>\n{_block(entries)}\n</catalogue>"] if entries else []
    return "\n".join([*titles, *([note] if note else []), delimited(message)])


def _missing(message: str, found: Found) -> str:
    """The names in a message that are no title of ours, as data."""
    names = mentions.unknown(message, found)
    return "\n".join(f"<not_found>{html.escape(name, quote=False)}</not_found>" for name in names)


def _fitting(entries: Iterable[Entry], room: int, count: Count) -> list[Entry]:
    """The first entries that the room holds."""
    kept: list[Entry] = []
    for entry in entries:
        room -= count(_block([entry])) + 1
        if room < 0:
            break
        kept.append(entry)
    return kept


def _block(entries: Iterable[Entry]) -> str:
    return "\n".join(f"<title>{_fields(entry)}</title>" for entry in entries)


def _fields(entry: Entry) -> str:
    fields = {"id": entry.id, **entry.facts}
    return "".join(
        f"<{name}>{html.escape(value, quote=False)}</{name}>" for name, value in fields.items()
    )
