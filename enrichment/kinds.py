"""What can be written about a title, in which languages, how long, and the JSON Schema for it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mangaassist.language import Language


class Kind(StrEnum):
    """One enrichment of a title."""

    SYNOPSIS = "synopsis"
    TAGS = "tags"
    PITCH = "pitch"
    KEYWORDS = "keywords"


@dataclass(frozen=True)
class TextLimits:
    """Bounds of one text, in code points, as JSON Schema counts."""

    shortest: int
    longest: int

    @property
    def characters(self) -> int:
        """The most code points an answer may hold."""
        return self.longest

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "minLength": self.shortest, "maxLength": self.longest}


@dataclass(frozen=True)
class ListLimits:
    """Bounds of one list: entries, and code points of each entry."""

    fewest: int
    most: int
    longest_entry: int

    @property
    def characters(self) -> int:
        """The most code points an answer may hold."""
        return self.most * self.longest_entry

    def schema(self) -> dict[str, Any]:
        entry = {"type": "string", "minLength": 1, "maxLength": self.longest_entry}
        return {
            "type": "array",
            "minItems": self.fewest,
            "maxItems": self.most,
            "uniqueItems": True,
            "items": entry,
        }


Limits = TextLimits | ListLimits

TAGS = ListLimits(fewest=3, most=8, longest_entry=20)
KEYWORDS = ListLimits(fewest=5, most=12, longest_entry=30)
LIMITS: dict[tuple[Kind, Language], Limits] = {
    (Kind.SYNOPSIS, Language.JA): TextLimits(shortest=60, longest=400),
    (Kind.SYNOPSIS, Language.EN): TextLimits(shortest=60, longest=900),
    (Kind.TAGS, Language.JA): TAGS,
    (Kind.TAGS, Language.EN): TAGS,
    (Kind.PITCH, Language.JA): TextLimits(shortest=8, longest=80),
    (Kind.PITCH, Language.EN): TextLimits(shortest=8, longest=160),
    (Kind.KEYWORDS, Language.JA): KEYWORDS,
    (Kind.KEYWORDS, Language.EN): KEYWORDS,
}


@dataclass(frozen=True)
class Field:
    """One property of an answer: a kind in a language."""

    kind: Kind
    language: Language

    @property
    def name(self) -> str:
        return f"{self.kind}_{self.language}"

    @property
    def limits(self) -> Limits:
        return LIMITS[self.kind, self.language]


def fields(kinds: Iterable[Kind], languages: Iterable[Language]) -> tuple[Field, ...]:
    """Every kind in every language once, in one order whatever the order asked for.

    Raises ValueError when there is none, or for an unknown kind or language.
    """
    asked_kinds = {Kind(kind) for kind in kinds}
    asked_languages = {Language(language) for language in languages}
    found = tuple(
        Field(*pair) for pair in LIMITS if pair[0] in asked_kinds and pair[1] in asked_languages
    )
    if not found:
        raise ValueError("Ask for at least one kind in at least one language.")
    return found


def schema(kinds: Iterable[Kind], languages: Iterable[Language]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of one answer, with a required property for every field."""
    return schema_of(fields(kinds, languages))


def schema_of(asked: Iterable[Field]) -> dict[str, Any]:
    """The JSON Schema of an answer with these fields."""
    properties = {field.name: field.limits.schema() for field in asked}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
