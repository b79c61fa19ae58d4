"""Finds the titles that a message names, by their normalised names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

LOOKED_AT = 1_000  # characters of a message; who names a title does so early
MOST_FOUND = 5
SHORTEST = 2  # characters of a name; one alone is in every other sentence

NOT_OF_NAMES = re.compile(r"[\W_]+")
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}


@dataclass(frozen=True)
class Entry:
    """One title of the catalogue. facts: what may be told of it, by the catalogue's names."""

    id: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Found:
    """The titles that a message names. complete: whether the catalogue could be looked up."""

    entries: tuple[Entry, ...] = ()
    complete: bool = True


def search_key(text: str) -> str:
    """A name as it is compared: without width, case, kind of kana, spaces and punctuation."""
    normal = unicodedata.normalize("NFKC", text).casefold().translate(HIRAGANA)
    return NOT_OF_NAMES.sub("", normal)


class Index:
    """All names of titles, held in memory."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """names: ids with one name each; the id itself is a name too."""
        self.titles: dict[str, str] = {}  # id → its first name
        self._ids: defaultdict[str, list[str]] = defaultdict(list)
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for id, name in names:
            self.titles.setdefault(id, name)
            for key in {search_key(name), search_key(id)}:
                if len(key) >= SHORTEST and id not in self._ids[key]:
                    self._ids[key].append(id)
                    lengths[key[:SHORTEST]].add(len(key))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def find(self, message: str) -> list[str]:
        """Ids of the titles that a message names, those with the longest names first."""
        text = search_key(message[:LOOKED_AT])
        names = sorted(set(self._named(text)), key=lambda name: (-len(name), name))
        ids = dict.fromkeys(id for name in names for id in self._ids[name])
        return list(ids)[:MOST_FOUND]

    def _named(self, text: str) -> Iterator[str]:
        """The names in a key from left to right, of several at one place the longest."""
        at = 0
        while at < len(text):
            name = self._name_at(text, at)
            yield from [name] if name else []
            at += max(1, len(name))

    def _name_at(self, text: str, at: int) -> str:
        for length in self._lengths.get(text[at : at + SHORTEST], ()):
            name = text[at : at + length]
            if len(name) == length and name in self._ids:
                return name
        return ""
