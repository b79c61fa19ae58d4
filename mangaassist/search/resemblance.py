"""Finds names that resemble a text: the start, a part, another spelling or a slip of it."""

from __future__ import annotations

import math
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import NamedTuple

from mangaassist.search.likeness import OF_TEXT, WITHIN, Form, forms_of_name, forms_of_text

EVERYWHERE = 0.02  # share of the names above which a piece tells them no longer apart


class Match(NamedTuple):
    """A title that resembles. likeness: 0 to 1; covered: the share of the text that it has."""

    id: str
    likeness: float
    covered: float


class Resemblance:
    """Names of titles by their pieces, held in memory."""

    def __init__(self, names: Iterable[tuple[str, str]]) -> None:
        """names: ids with one name each."""
        self._ids: list[str] = []
        self._texts: list[str] = []
        self._postings: defaultdict[str, array[int]] = defaultdict(lambda: array("I"))
        for id, name in names:
            for form in forms_of_name(name):
                for piece in form.pieces:
                    self._postings[piece].append(len(self._ids))
                self._ids.append(id)
                self._texts.append(form.text)
        self._postings.default_factory = None
        self._weights = {piece: self._weight(len(at)) for piece, at in self._postings.items()}
        self._totals = array("f", bytes(4 * len(self._ids)))
        for piece, at in self._postings.items():
            for number in at:
                self._totals[number] += self._weights[piece]

    def find(self, text: str, most: int) -> list[Match]:
        """The titles that resemble a text most, best first."""
        best: dict[str, Match] = {}
        for match in chain.from_iterable(map(self._matches, forms_of_text(text))):
            if match.id not in best or match.likeness > best[match.id].likeness:
                best[match.id] = match
        return sorted(best.values(), key=lambda match: (-match.likeness, match.id))[:most]

    def _matches(self, form: Form) -> Iterator[Match]:
        pieces = form.pieces
        rarest = self._weight(1)
        whole = sum(self._weights.get(piece, rarest) for piece in pieces)
        shared: defaultdict[int, float] = defaultdict(float)
        for piece in self._telling(pieces):
            weight = self._weights[piece]
            for number in self._postings[piece]:
                shared[number] += weight
        for number, weight in shared.items():
            covered = min(1.0, weight / whole)
            of_name = min(1.0, weight / self._totals[number])
            likeness = OF_TEXT * covered + (1 - OF_TEXT) * of_name
            if form.text in self._texts[number]:
                likeness = max(likeness, WITHIN + (1 - WITHIN) * of_name)
            yield Match(self._ids[number], likeness, covered)

    def _telling(self, pieces: frozenset[str]) -> list[str]:
        """The pieces that tell names apart; all that there are, if none does."""
        known = [piece for piece in pieces if piece in self._postings]
        limit = max(100.0, EVERYWHERE * len(self._ids))
        return [piece for piece in known if len(self._postings[piece]) <= limit] or known

    def _weight(self, names: int) -> float:
        return math.log(1 + len(self._ids) / names)
