"""The prompt of one item: a versioned template filled with a catalogue record, which is never trusted."""

from __future__ import annotations

import hashlib
import html
import json
import math
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template
from typing import Protocol, TypedDict

from enrichment.kinds import Field, Kind, Language, ListLimits, fields, schema
from enrichment.language import one_line

VERSION = "titles-v1"
TEMPLATES = Path(__file__).with_name("prompt_templates")

# Output tokens, with room for rare kanji; Bedrock reserves all of them from the quota at the start of a call.
TOKENS_PER_CHARACTER = {Language.JA: 1.5, Language.EN: 0.35}
TOKENS_PER_FIELD = 12  # name, quotes, comma
TOKENS_PER_ENTRY = 3  # quotes, comma, space
TOKENS_PER_ANSWER = 24  # braces, and a code fence nobody asked for


class CatalogueRecord(Protocol):
    """What the prompt tells about a title; every value may hold anything."""

    @property
    def id(self) -> str: ...
    @property
    def title_jp(self) -> str: ...
    @property
    def title_kana(self) -> str: ...
    @property
    def creator(self) -> str: ...
    @property
    def original_creator(self) -> str: ...
    @property
    def first_published(self) -> str: ...
    @property
    def note(self) -> str: ...


class Message(TypedDict):
    """One message of the Anthropic body."""

    role: str
    content: str


@dataclass(frozen=True)
class Prompt:
    """Everything one call asks, and what its answer is checked against."""

    system: str
    user: str
    version: str
    input_hash: str  # SHA-256, hexadecimal; the same for the same question
    max_tokens: int
    fields: tuple[Field, ...]
    names: tuple[str, ...]  # the record's own names, allowed in any language

    @property
    def messages(self) -> list[Message]:
        return [Message(role="user", content=self.user)]


@dataclass(frozen=True)
class Problem:
    """Why an answer cannot be used: a stable code, and a sentence for the model and for staff."""

    code: str
    detail: str


def render(title: CatalogueRecord, kinds: Iterable[Kind], languages: Iterable[Language]) -> Prompt:
    """Asks for every kind in every language of one title. Raises ValueError when that is nothing."""
    asked = fields(kinds, languages)
    record = _record(title)
    system = _texts()["system"].strip()
    user = Template(_question(asked)).substitute(title=_block(record))
    return Prompt(
        system=system,
        user=user,
        version=VERSION,
        input_hash=_hash(VERSION, system, user, *(field.name for field in asked)),
        max_tokens=max_tokens(asked),
        fields=asked,
        names=_names(record),
    )


def repair(prompt: Prompt, answer_text: str, problems: Sequence[Problem]) -> list[Message]:
    """The messages of the one call that may correct an answer: user, assistant, user."""
    texts = _texts()
    complaint = "\n".join(f"- {problem.detail}" for problem in problems)
    return [
        *prompt.messages,
        Message(role="assistant", content=answer_text.strip() or texts["no_answer"]),
        Message(role="user", content=Template(texts["repair"].strip()).substitute(problems=complaint)),
    ]


@cache
def max_tokens(asked: tuple[Field, ...]) -> int:
    """Output tokens that the longest allowed answer needs."""
    return TOKENS_PER_ANSWER + sum(map(_tokens, asked))


def _tokens(field: Field) -> int:
    limits = field.limits
    entries = limits.most if isinstance(limits, ListLimits) else 0
    text = math.ceil(limits.characters * TOKENS_PER_CHARACTER[field.language])
    return TOKENS_PER_FIELD + entries * TOKENS_PER_ENTRY + text


@cache
def _template() -> dict[str, str | dict[str, str]]:
    return tomllib.loads((TEMPLATES / f"{VERSION}.toml").read_text(encoding="utf-8"))


def _texts() -> dict[str, str]:
    return {name: text for name, text in _template().items() if isinstance(text, str)}


@cache
def _question(asked: tuple[Field, ...]) -> str:
    """The user message with only $title left open; a record's own dollar signs are never expanded."""
    wishes = _template()["wishes"]
    assert isinstance(wishes, dict)
    return Template(_texts()["user"].strip()).safe_substitute(
        wishes="\n".join(f"- {field.name}: {wishes[field.name]}" for field in asked),
    )
