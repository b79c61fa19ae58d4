"""What makes an answer usable: complete, one JSON object, valid, clean, in the right language."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Never

from enrichment.answer_shape import shape_problems
from enrichment.kinds import Field, Kind
from enrichment.language import has_hiragana, share, without
from enrichment.prompts import Problem, Prompt
from mangaassist.cleaning import SURROGATE, one_line
from mangaassist.errors import Refused, Rejected
from mangaassist.language import Language

Value = str | list[str]

COMPLETE = frozenset({"end_turn", "stop_sequence"})
TRUNCATED = frozenset({"max_tokens", "model_context_window_exceeded"})
REFUSED = frozenset({"refusal", "guardrail_intervened", "content_filtered"})

MARKUP = re.compile(
    r"</?[a-zA-Z!][^>]*>|&(?:amp|lt|gt|quot|#\d+);|\[[^\]]*\]\([^)]*\)|https?://|\*\*|```|## "
)
LEAST_SHARE = {Language.JA: 0.3, Language.EN: 0.7}  # of letters in the language's own script
LONGEST_WITHOUT_HIRAGANA = 40  # code points; a headline may have none, Japanese prose has some
LANGUAGE_NAMES = {Language.JA: "Japanese", Language.EN: "English"}


@dataclass(frozen=True)
class Answer:
    """The usable values of one call, cleaned."""

    values: dict[Kind, dict[Language, Value]]


class BadAnswer(Rejected):
    """An answer that cannot be used as it is; one repair call may correct it."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(problems[0].code, " ".join(problem.detail for problem in problems))
        self.problems = problems


def check(prompt: Prompt, text: str, stop_reason: str) -> Answer:
    """The answer to a prompt.

    Raises Refused when the model declined, which no repair can change, and BadAnswer with every
    problem found.
    """
    if stop_reason in REFUSED:
        raise Refused("refused", f"The model declined to write about this title ({stop_reason}).")
    _stop_unless_whole(text, stop_reason)
    values = {name: _clean(value) for name, value in _object_in(text).items()}
    problems = [*shape_problems(prompt.fields, values)] or [*_text_problems(prompt, values)]
    if problems:
        raise BadAnswer(problems)
    return Answer(_by_kind(prompt.fields, values))


def _stop_unless_whole(text: str, stop_reason: str) -> None:
    if stop_reason in TRUNCATED:
        _bad("truncated", "The answer was cut off: it was too long.")
    if stop_reason not in COMPLETE:
        _bad("unexpected_stop", f"The answer ended for an unexpected reason: {stop_reason!r}.")
    if not text.strip():
        _bad("empty", "The answer was empty.")


def _object_in(text: str) -> dict[str, Any]:
    """The one JSON object in a text, whatever words or code fence stand around it."""
    start = text.find("{")
    if start < 0:
        _bad("not_json", "The answer holds no JSON object.")
    try:
        found, end = DECODER.raw_decode(text, start)
    except (ValueError, RecursionError):
        _bad("not_json", "The answer is not valid JSON.")
    if "{" in text[end:]:
        _bad("not_json", "The answer holds more than one JSON object.")
    return dict(found)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a property is there twice")
    return found


DECODER = json.JSONDecoder(object_pairs_hook=_pairs)


def _clean(value: Any) -> Any:
    """Texts on one line, entries of a list once; anything else is left to the schema.

    A lone surrogate stays, for it shows that a character was lost.
    """
    if isinstance(value, list):
        return _merged([_clean_text(entry) for entry in value])
    return _clean_text(value)


def _clean_text(value: Any) -> Any:
    return one_line(value) if isinstance(value, str) and not SURROGATE.search(value) else value


def _merged(entries: list[Any]) -> list[Any]:
    """The first of every group of entries that a reader would take for the same."""
    first: dict[object, Any] = {}
    for place, entry in enumerate(entries):
        key = unicodedata.normalize("NFKC", entry).casefold() if isinstance(entry, str) else place
        first.setdefault(key, entry)
    return list(first.values())


def _text_problems(prompt: Prompt, values: dict[str, Value]) -> Iterator[Problem]:
    for field in prompt.fields:
        value = values[field.name]
        text = value if isinstance(value, str) else "\n".join(value)
        if SURROGATE.search(text):
            yield Problem("bad_unicode", f"{field.name} holds half a character (a lone surrogate).")
            continue
        if _has_markup(text, prompt.names):
            yield Problem(
                "markup", f"{field.name} holds HTML, Markdown or a link; write plain text."
            )
        own_words = without(text, prompt.names)
        if not _in_language(own_words, field.language, sentences=isinstance(value, str)):
            yield Problem(
                "wrong_language",
                f"{field.name} is not written in {LANGUAGE_NAMES[field.language]}.",
            )


def _has_markup(text: str, names: tuple[str, ...]) -> bool:
    """Whether there is any besides a name that is written like markup, as some titles are."""
    return MARKUP.search(without(text, filter(MARKUP.search, names))) is not None


def _in_language(text: str, language: Language, *, sentences: bool) -> bool:
    if share(text, language) < LEAST_SHARE[language]:
        return False
    prose = sentences and language is Language.JA and len(text) > LONGEST_WITHOUT_HIRAGANA
    return not prose or has_hiragana(text)


def _by_kind(
    asked: tuple[Field, ...], values: dict[str, Value]
) -> dict[Kind, dict[Language, Value]]:
    found: dict[Kind, dict[Language, Value]] = {}
    for field in asked:
        found.setdefault(field.kind, {})[field.language] = values[field.name]
    return found


def _bad(code: str, detail: str) -> Never:
    raise BadAnswer([Problem(code, detail)])
