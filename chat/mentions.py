"""Which of the titles looked up a message names, and which names in it the shop does not have."""

from __future__ import annotations

import re
from collections.abc import Iterable

from chat.catalogue import (
    LIKENESS,
    LOOKED_AT,
    NOT_LATIN,
    QUOTED,
    SHORTEST,
    SHORTEST_PART,
    SHORTEST_SPELLING,
    Entry,
    Found,
    tells,
)
from mangaassist.search.folding import fold
from mangaassist.search.likeness import forms_of_text, likeness
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
    """The names that a message quotes as titles, that were searched, and that no title has.

    A slip of a name is none of them, unless the message quotes that name too. Nor is a tag.
    """
    quoted = dict.fromkeys(name.strip() for name in QUOTED.findall(message[:LOOKED_AT]))
    keys = {name: {fold(name), respell(name)} - {""} for name in quoted}
    meant = set().union(*keys.values())
    titles = [(entry, _keys(entry, *NAMES, "creator")) for entry in found.entries]
    others = [entry for entry, known in titles if not known & meant]
    known = {key for _, of_one in titles for key in of_one} | _tags(found.entries)
    absent = [name for name in _searched(quoted, found) if not keys[name] & known]
    return tuple(name for name in absent if not _is_slip(name, others))[:MOST_UNKNOWN]


def _searched(names: Iterable[str], found: Found) -> list[str]:
    searched = {name.strip() for name in found.searched}
    return [name for name in names if name in searched]


def _tags(entries: Iterable[Entry]) -> set[str]:
    return {fold(tag) for entry in entries for tag in entry.facts.get("tags", "").split("、")}


def _is_slip(name: str, entries: Iterable[Entry]) -> bool:
    """Whether a name is a slip or a part of one of these titles'; a short one never is."""
    names = [entry.facts[fact] for entry in entries for fact in NAMES if fact in entry.facts]
    return len(fold(name)) >= SHORTEST_PART and likeness(forms_of_text(name), names) >= LIKENESS


def _keys(entry: Entry, *facts: str) -> set[str]:
    """The id and some facts of a title as they are compared, also as they sound."""
    names = [entry.facts[name] for name in facts if name in entry.facts]
    spelled = {one for one in map(spell, names) if len(one) >= SHORTEST_SPELLING}
    return {fold(entry.id), *map(fold, names), *spelled} - {""}
