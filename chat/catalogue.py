"""Finds the titles that a message names, in any writing, or nearly names."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain

from chat.cards import Card
from mangaassist.search.folding import fold
from mangaassist.search.resemblance import Resemblance
from mangaassist.search.spelling import respell, spell

LOOKED_AT = 1_000  # characters of a message; who names a title does so early
MOST_FOUND = 5
SHORTEST = 2  # characters of a name; one alone is in every other sentence

SHORTEST_SOUND = 4  # of a name without kanji within a sentence; fewer are in other words
COMMON = frozenset({
    "漫画", "恋愛", "少年", "少女", "青年", "映画", "作品", "作者", "最新", "人気", "番外編",
    "プレゼント", "マンガ", "コミック", "シリーズ", "manga", "comic", "like",
    "story", "present", "series",
})  # fmt: skip
SOUNDS = re.compile(r"[\x00-\x7fァ-ヿ]+")
SHORTEST_SPELLING = 8  # letters; fewer are in words of other languages
SHORTEST_PART = 4  # characters of a message; fewer resemble too much
LIKENESS = 0.66  # from which a part of a message is meant to be the name
NOT_LATIN = re.compile(r"[^\x00-\x7f\u00c0-\u017f]+")
QUOTED = re.compile(r"[「『《“\"]([^」』》”\"]{1,80})[」』》”\"]")
WORD = re.compile("[㐀-鿿]|[ァ-ヴA-Z]{2}")  # what short parts have that are no mere grammar
# After の it may as well be the manga of that name.
GENRE = re.compile(
    r"[^\Wの](?:漫画|マンガ|まんが|コミック)|[a-z] (?:manga|comics?)\b", re.IGNORECASE
)
# What people say around the name of a title.
AROUND = re.compile(
    r"[、。，．！？!?,\n]+|みたいな|みたいに|のような|に似た|と似た|について|という|っていう|って|"
    r"(?:の)?(?:漫画|マンガ|まんが|作品|続き|あらすじ|新刊|在庫|作者)|の?(?:値段|感想)|"
    r"こんにちは|こんばんは|おはよう|はじめまして|ありがとう(?:ございま(?:す|した))?|"
    r"教えて|おしえて|おすすめ|オススメ|ください|下さい|探して(?:います|いる|る)?|"
    r"(?:は|が|も)?(?:ありますか|あります|ある|読みたい|好き|面白い|おもしろい)|です(?:か)?|"
    r"\b(?:do you have|have you got|tell me about|something like|is there|who wrote|"
    r"i am looking for|i'm looking for|looking for|recommend|any good|the manga|manga|please)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Entry:
    """One title of the catalogue.

    facts: what may be told of it, by the catalogue's names; card: what a page may show of it.
    """

    id: str
    facts: Mapping[str, str] = field(default_factory=dict)
    card: Card | None = None


@dataclass(frozen=True)
class Found:
    """The titles that a message names.

    complete: whether the catalogue could be looked up; searched: the parts of the message that
    OpenSearch has been asked for.
    """

    entries: tuple[Entry, ...] = ()
    complete: bool = True
    searched: tuple[str, ...] = ()


class Index:
    """All names of titles, held in memory."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """names: ids with one name each, or one creator; the id itself is a name too."""
        names = list(names)
        self._resemblance = Resemblance(names)
        self.titles: dict[str, str] = {}  # id → its first name
        self._ids: defaultdict[str, list[str]] = defaultdict(list)
        self._own: set[str] = set()  # ids as names
        lengths: defaultdict[str, set[int]] = defaultdict(set)
        for id, name in names:
            self.titles.setdefault(id, name)
            self._own.add(fold(id))
            for key in _keys(id, name):
                if id not in self._ids[key]:
                    self._ids[key].append(id)
                    lengths[key[:SHORTEST]].add(len(key))
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}

    def find(self, message: str) -> list[str]:
        """Ids of the titles that a message names, those with the longest names first.

        Names that more titles share than are told come last.
        """
        text = message[:LOOKED_AT]
        within = {*self._named(fold(text)), *self._named(respell(NOT_LATIN.sub(" ", text)))}
        alone = {part for part in map(fold, _parts(text)) if part in self._ids}
        names = sorted(alone.union(filter(self._tells, within)), key=self._place)
        ids = dict.fromkeys(id for name in names for id in self._ids[name])
        return list(ids)[:MOST_FOUND]

    def unnamed(self, message: str) -> list[str]:
        """The names that a message quotes and no title has as they are written."""
        quoted = _quoted(message[:LOOKED_AT])
        return [name for name in quoted if not {fold(name), respell(name)} & self._ids.keys()]

    def nearly(self, texts: Iterable[str]) -> list[str]:
        """Ids of the titles whose names some texts have in part or with a slip, closest first."""
        long = filter(_long_enough, texts)
        found = chain.from_iterable(self._resemblance.find(text, MOST_FOUND) for text in long)
        close = sorted(match for match in found if match.likeness >= LIKENESS)
        best = sorted(close, key=lambda match: -match.likeness)
        return list(dict.fromkeys(match.id for match in best))[:MOST_FOUND]

    def _place(self, name: str) -> tuple[bool, int, str]:
        """Orders names: what many titles share, such as a creator, after what tells one."""
        return len(self._ids[name]) > MOST_FOUND, -len(name), name

    def _tells(self, name: str) -> bool:
        """Whether a name within a sentence means the title; of ids it always does."""
        return name in self._own or tells(name)

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


def tells(name: str) -> bool:
    """Whether a folded name within a sentence means a title, rather than being a word of it."""
    return name not in COMMON and not (len(name) < SHORTEST_SOUND and SOUNDS.fullmatch(name))


def names_a_genre(message: str) -> bool:
    """Whether a message says what kind of manga is wanted, rather than which: `料理マンガ`."""
    text = message[:LOOKED_AT]
    return not _quoted(text) and GENRE.search(text) is not None


def wishes(message: str) -> list[str]:
    """The parts of a message that may say which titles are wanted.

    A short part counts if it is quoted, or if no part is longer and it is no mere grammar.
    """
    text = message[:LOOKED_AT]
    parts = _parts(text)[:MOST_FOUND]
    return (
        _quoted(text)[:MOST_FOUND]
        or [*filter(_long_enough, parts)]
        or [part for part in parts if WORD.search(part)]
    )


def _long_enough(part: str) -> bool:
    return len(fold(part)) >= SHORTEST_PART


def _quoted(text: str) -> list[str]:
    return [name for name in QUOTED.findall(text) if fold(name)]


def _parts(text: str) -> list[str]:
    """What is quoted in a text or, if nothing is, what is left between the common phrases."""
    return _quoted(text) or [part for part in AROUND.split(text) if part.strip()]


def _keys(id: str, name: str) -> set[str]:
    """What names a title in a folded message."""
    keys = {key for key in (fold(name), fold(id)) if len(key) >= SHORTEST}
    spelling = spell(name)
    return keys | {spelling} if len(spelling) >= SHORTEST_SPELLING else keys
