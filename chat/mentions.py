"""Which of the titles looked up a message names, and which names in it the shop does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chat.catalogue import (
    LOOKED_AT,
    NOT_LATIN,
    QUOTED,
    SHORTEST,
    SHORTEST_SPELLING,
    Entry,
    Found,
    tells,
)
from mangaassist.search.folding import fold
from mangaassist.search.spelling import respell, spell

NAMES = ("titleJp", "titleKana")
MOST_UNKNOWN = 3
SHORT = re.compile(r"[「『]([^「『」』]{1,3})[」』]")  # Quotes tell it from a part of a word.


def named(message: str, entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """The titles whose whole name, reading or id is in a message; the shortest must be quoted."""
    text = message[:LOOKED_AT]
    within = (fold(text), respell(NOT_LATIN.sub(" ", text)))
    quoted = set(map(fold, SHORT.findall(text)))

    def is_named(key: str) -> bool:
        is_telling = len(key) >= SHORTEST and tells(key)
        return key in quoted or (is_telling and any(key in part for part in within))

    return tuple(entry for entry in entries if any(map(is_named, _keys(entry, *NAMES))))


def unknown(message: str, found: Found) -> tuple[str, ...]:
    """The names that a message quotes as titles, that were searched, and that no title has."""
    known = {key for entry in found.entries for key in _keys(entry, *NAMES, "creator")}
    quoted = [name for name in QUOTED.findall(message[:LOOKED_AT]) if name in found.searched]
    names = dict.fromkeys(name.strip() for name in quoted)
    absent = (name for name in names if not {fold(name), respell(name)} & known)
    return tuple(absent)[:MOST_UNKNOWN]


def _keys(entry: Entry, *facts: str) -> set[str]:
    """The id and some facts of a title as they are compared, also as they sound."""
    names = [entry.facts[name] for name in facts if name in entry.facts]
    spelled = {one for one in map(spell, names) if len(one) >= SHORTEST_SPELLING}
    return {fold(entry.id), *map(fold, names), *spelled} - {""}
