"""Analyzers, from the components that an index names. None of these takes options.

kuromoji has no dictionary here: it cuts Japanese into pairs of characters, and what it does by
parts of speech leaves them as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import partial
from itertools import pairwise
from typing import Any, TypeVar

from local.opensearch.errors import illegal, not_simulated

T = TypeVar("T")
Json = Mapping[str, Any]
Terms = list[str]

HAN = "々〇〻\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
JAPANESE = f"{HAN}{KATAKANA}\u3041-\u3096\u309d-\u309f"
OTHER_WORD = rf"(?:(?![{JAPANESE}_])\w)+"
# Near the word breaks of UAX #29: Han and hiragana stand alone, everything else in runs.
WORD = re.compile(rf"[{KATAKANA}]+|[{JAPANESE}]|{OTHER_WORD}(?:['’.]{OTHER_WORD})*")
RUN = re.compile(rf"([{JAPANESE}]+)|{OTHER_WORD}")
LONG_VOWEL = "ー"
SHORTEST_STEMMED = 4  # characters


def _icu_normalizer(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _pairs(text: str) -> Terms:
    terms: Terms = []
    for found in RUN.finditer(text):
        run = found[0]
        is_long = found[1] and len(run) > 1
        terms += map("".join, pairwise(run)) if is_long else [run]
    return terms


def _stem(term: str) -> str:
    """Katakana words lose their last long vowel."""
    return term[:-1] if term.endswith(LONG_VOWEL) and len(term) >= SHORTEST_STEMMED else term


def _whole(text: str) -> Terms:
    return [text] if text else []


def _each(change: Callable[[str], str], terms: Terms) -> Terms:
    return [changed for term in terms if (changed := change(term))]


CHAR_FILTERS: dict[str, Callable[[str], str]] = {"icu_normalizer": _icu_normalizer}
TOKENIZERS: dict[str, Callable[[str], Terms]] = {
    "keyword": _whole,
    "kuromoji_tokenizer": _pairs,
    "standard": WORD.findall,
    "whitespace": str.split,
}
FILTERS: dict[str, Callable[[Terms], Terms]] = {
    "ja_stop": list,
    "kuromoji_baseform": list,
    "kuromoji_part_of_speech": list,
    "kuromoji_stemmer": partial(_each, _stem),
    "lowercase": partial(_each, str.lower),
}
BUILT_IN: dict[str, Json] = {
    "keyword": {"tokenizer": "keyword"},
    "standard": {"tokenizer": "standard", "filter": ["lowercase"]},
    "whitespace": {"tokenizer": "whitespace"},
}


class Analyzer:
    """Cuts a text into terms."""

    def __init__(self, name: str, declared: Json) -> None:
        """Raises Refused for a component that there is not."""
        self.name = name
        self._char_filters = [
            _component(name, "char_filter", one, CHAR_FILTERS)
            for one in declared.get("char_filter", [])
        ]
        if "tokenizer" not in declared:
            raise illegal(f"analyzer [{name}] must specify either an analyzer type, or a tokenizer")
        self._tokenizer = _component(name, "tokenizer", declared["tokenizer"], TOKENIZERS)
        self._filters = [
            _component(name, "filter", one, FILTERS) for one in declared.get("filter", [])
        ]

    def __call__(self, text: str) -> Terms:
        for change in self._char_filters:
            text = change(text)
        terms = self._tokenizer(text)
        for apply in self._filters:
            terms = apply(terms)
        return terms


def analyzers(declared: Json) -> dict[str, Analyzer]:
    """Those of the analysis part of an index's settings, and the built-in ones. Raises Refused."""
    for section in declared.keys() - {"analyzer"}:
        raise not_simulated(f"a [{section}] with options of its own")
    own = declared.get("analyzer", {})
    for name, parts in own.items():
        kind = parts.get("type", "custom")
        if kind != "custom":
            raise illegal(f"Unknown analyzer type [{kind}] for [{name}]")
    return {name: Analyzer(name, parts) for name, parts in {**BUILT_IN, **own}.items()}


def _component(analyzer: str, section: str, name: str, known: Mapping[str, T]) -> T:
    if name not in known:
        raise illegal(f"Custom Analyzer [{analyzer}] failed to find {section} under name [{name}]")
    return known[name]
