"""The inverted index of one field: which documents have a term, how often, and what it scores."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable

import numpy as np

from local.opensearch.found import Found, constant, packed

K1, B = 1.2, 0.75  # Lucene's

Places = tuple["array[int]", "array[int]"]  # of one term: the documents that have it, how often


class Postings:
    """Documents go by their ordinals, which only grow until `renumber`."""

    def __init__(self, *, norms: bool) -> None:
        """norms: whether the length of a text counts."""
        self.norms = norms
        self.terms: dict[str, Places] = {}
        self._lengths = np.zeros(0, dtype=np.float32)
        self._present = np.zeros(0, dtype=bool)
        self._documents = 0
        self._tokens = 0

    def add(self, ordinal: int, terms: list[str]) -> None:
        """The terms of a document that has the field."""
        if not terms:
            return
        for term, count in Counter(terms).items():
            found = self.terms.get(term)
            if found is None:
                found = self.terms[term] = (array("I"), array("I"))
            found[0].append(ordinal)
            found[1].append(count)
        if ordinal >= len(self._lengths):
            self._lengths = _stretched(self._lengths, ordinal + 1)
            self._present = _stretched(self._present, ordinal + 1)
        self._lengths[ordinal] = len(terms)
        self._present[ordinal] = True
        self._documents += 1
        self._tokens += len(terms)

    def present(self, documents: int) -> np.ndarray:
        """Which of so many documents have the field."""
        return _stretched(self._present, documents)[:documents]

    def having(self, terms: Iterable[str], documents: int) -> np.ndarray:
        """Which documents have one of the terms."""
        mask = np.zeros(documents, dtype=bool)
        for term in terms:
            if found := self.terms.get(term):
                mask[np.frombuffer(found[0], dtype=np.uint32)] = True
        return mask

    def match(self, terms: Iterable[str], least: int, documents: int) -> Found:
        """Documents with so many of the terms, by BM25."""
        found = [self.terms[term] for term in terms if term in self.terms]
        if not found:
            return constant(np.zeros(documents, dtype=bool))
        # All terms at once: a query of names has dozens, and each step costs as much for a few
        # documents as for hundreds.
        ids, counts = (
            np.concatenate([np.frombuffer(part, dtype=np.uint32) for part in parts])
            for parts in zip(*found, strict=True)
        )
        scores = np.bincount(ids, self._scores(ids, counts, found), documents)
        mask = np.bincount(ids, minlength=documents) >= max(1, least)
        return Found(mask, np.where(mask, scores, 0).astype(np.float32))

    def _scores(self, ids: np.ndarray, counts: np.ndarray, found: list[Places]) -> np.ndarray:
        having = np.array([len(of_term) for of_term, _ in found])
        rarity = np.log1p((self._documents - having + 0.5) / (having + 0.5)).repeat(having)
        length = self._lengths[ids] * (self._documents / self._tokens) if self.norms else 1
        return rarity * counts / (counts + K1 * (1 - B + B * length))

    def renumber(self, numbers: np.ndarray) -> None:
        """numbers: the new ordinal of each, -1 for those that are gone."""
        for term, (ids, counts) in list(self.terms.items()):
            new = numbers[np.frombuffer(ids, dtype=np.uint32)]
            stays = new >= 0
            if stays.any():
                kept = np.frombuffer(counts, dtype=np.uint32)[stays]
                self.terms[term] = (packed(new[stays]), packed(kept))
            else:
                del self.terms[term]
        old = np.flatnonzero(numbers >= 0)
        self._lengths = _stretched(self._lengths, len(numbers))[old]
        self._present = _stretched(self._present, len(numbers))[old]
        self._documents = int(self._present.sum())
        self._tokens = int(self._lengths.sum())


def _stretched(values: np.ndarray, least: int) -> np.ndarray:
    """The same with room for at least so many, half as much again when there was too little."""
    if len(values) >= least:
        return values
    wider = np.zeros(max(least, len(values) * 3 // 2, 1_024), dtype=values.dtype)
    wider[: len(values)] = values
    return wider
