"""The prompt of one item: a versioned template filled with a catalogue record, never trusted."""

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
from typing import Protocol

from enrichment.kinds import Field, Kind, ListLimits, fields, schema_of
from mangaassist.cleaning import one_line
from mangaassist.language import Language
from mangaassist.tokens import head

VERSION = "titles-v1"
TEMPLATES = Path(__file__).with_name("prompt_templates")

# Output tokens, with room for rare kanji; Bedrock reserves them all from the quota at the start.
TOKENS_PER_CHARACTER = {Language.JA: 1.5, Language.EN: 0.35}
TOKENS_PER_FIELD = 12  # name, quotes, comma
TOKENS_PER_ENTRY = 3  # quotes, comma, space
TOKENS_PER_ANSWER = 24  # braces, and a code fence nobody asked for

# Input tokens of the columns that may be long; with the template they stay far below what a model
# reads in time. A beginning says enough of a note.
MOST_TOKENS = {"note": 1_500}
MOST_TOKENS_OTHERWISE = 750

Message = dict[str, str]  # role and content, as in the body of a call


class CatalogueRecord(Protocol):
    """What the prompt tells about a title; every value may hold anything."""

    @property
    def id(self) -> str: ...
    @property
    def title_jp(self) -> str: ...
    @property
    def title_kana(self) -> str | None: ...
    @property
    def creator(self) -> str | None: ...
    @property
    def original_creator(self) -> str | None: ...
    @property
    def first_published(self) -> str | None: ...
    @property
    def note(self) -> str | None: ...


@dataclass(frozen=True)
class Prompt:
    """Everything one call asks, and what its answer is checked against."""

    system: str
    user: str
    version: str
    input_hash: str  # SHA-256, hexadecimal; the same for the same question
    max_tokens: int
    fields: tuple[Field, ...]
    names: tuple[str, ...]  # the record's own names, allowed in an answer of any language

    @property
    def messages(self) -> list[Message]:
        return [Message(role="user", content=self.user)]


@dataclass(frozen=True)
class Problem:
    """Why an answer cannot be used: a stable code, and a sentence for the model and for staff."""

    code: str
    detail: str


@dataclass(frozen=True)
class Wording:
    """The texts of one template file; `wishes` has one for every field."""

    system: str
    user: str
    repair: str
    no_answer: str
    wishes: dict[str, str]


def render(title: CatalogueRecord, kinds: Iterable[Kind], languages: Iterable[Language]) -> Prompt:
    """Asks every kind in every language of one title. Raises ValueError when that is nothing."""
    asked = fields(kinds, languages)
    record = _record(title)
    system = wording().system
    user = Template(wording().user).substitute(
        wishes=_wishes(asked), schema=_schema_text(asked), title=_block(record)
    )
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
    complaint = "\n".join(f"- {problem.detail}" for problem in problems)
    return [
        *prompt.messages,
        Message(role="assistant", content=answer_text.strip() or wording().no_answer),
        Message(role="user", content=Template(wording().repair).substitute(problems=complaint)),
    ]


@cache
def max_tokens(asked: tuple[Field, ...]) -> int:
    """Output tokens that the longest allowed answer needs."""
    return TOKENS_PER_ANSWER + sum(map(_tokens, asked))


@cache
def wording() -> Wording:
    """The texts of the current version."""
    texts = tomllib.loads((TEMPLATES / f"{VERSION}.toml").read_text(encoding="utf-8"))
    return Wording(
        system=texts["system"].strip(),
        user=texts["user"].strip(),
        repair=texts["repair"].strip(),
        no_answer=texts["no_answer"],
        wishes=texts["wishes"],
    )


def _tokens(field: Field) -> int:
    limits = field.limits
    entries = limits.most if isinstance(limits, ListLimits) else 0
    text = math.ceil(limits.characters * TOKENS_PER_CHARACTER[field.language])
    return TOKENS_PER_FIELD + entries * TOKENS_PER_ENTRY + text


@cache
def _wishes(asked: tuple[Field, ...]) -> str:
    return "\n".join(f"- {field.name}: {wording().wishes[field.name]}" for field in asked)


@cache
def _schema_text(asked: tuple[Field, ...]) -> str:
    return json.dumps(schema_of(asked), separators=(",", ":"))


def _record(title: CatalogueRecord) -> dict[str, str]:
    """The columns as the catalogue names them, visible text on one line each, cut when long."""
    columns = {
        "id": title.id,
        "titleJp": title.title_jp,
        "titleKana": title.title_kana,
        "creator": title.creator,
        "originalCreator": title.original_creator,
        "firstPublished": title.first_published,
        "note": title.note,
    }
    return {
        name: head(one_line(value or ""), MOST_TOKENS.get(name, MOST_TOKENS_OTHERWISE))
        for name, value in columns.items()
    }


def _block(record: dict[str, str]) -> str:
    """One element a line, escaped so that no value can close its own; empty ones are left out."""
    return "\n".join(
        f"<{name}>{html.escape(value, quote=False)}</{name}>"
        for name, value in record.items()
        if value
    )


def _names(record: dict[str, str]) -> tuple[str, ...]:
    """Longest first, so that taking out a short name never breaks a longer one."""
    columns = ("titleJp", "titleKana", "creator", "originalCreator")
    return tuple(
        sorted({record[name] for name in columns} - {""}, key=lambda name: (-len(name), name))
    )


def _hash(*parts: str) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
