"""Vectors of one field, compared exactly."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from local.opensearch.found import packed


class Vectors:
    """One vector for each document that has the field, by the document's ordinal."""

    def __init__(self, dimension: int, space: str) -> None:
        self.dimension = dimension
        self.space = space
        self._ordinals = array("I")
        self._rows = np.zeros((0, dimension), dtype=np.float32)

    def add(self, ordinal: int, vector: np.ndarray) -> None:
        row = len(self._ordinals)
        if row == len(self._rows):
            wider = np.zeros((max(256, row * 2), self.dimension), dtype=np.float32)
            wider[:row] = self._rows
            self._rows = wider
        self._rows[row] = vector
        if self.space == "cosinesimil":
            self._rows[row] /= np.linalg.norm(self._rows[row])
        self._ordinals.append(ordinal)

    def present(self, documents: int) -> np.ndarray:
        mask = np.zeros(documents, dtype=bool)
        mask[np.frombuffer(self._ordinals, dtype=np.uint32)] = True
        return mask

    def nearest(self, vector: list[float], most: int, allowed: np.ndarray) -> np.ndarray:
        """Scores of the nearest of the allowed documents, 0 for all others."""
        ordinals = np.frombuffer(self._ordinals, dtype=np.uint32)
        rows = self._rows[: len(ordinals)]
        found = SCORES[self.space](rows, np.array(vector, dtype=np.float32))
        at = np.flatnonzero(allowed[ordinals])
        if len(at) > most:
            at = at[np.argpartition(-found[at], most - 1)[:most]]
        scores = np.zeros(len(allowed), dtype=np.float32)
        scores[ordinals[at]] = found[at]
        return scores

    def renumber(self, numbers: np.ndarray) -> None:
        new = numbers[np.frombuffer(self._ordinals, dtype=np.uint32)]
        stays = np.flatnonzero(new >= 0)
        self._rows = self._rows[stays]
        self._ordinals = packed(new[stays])


def _cosine(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return (1 + rows @ (vector / np.linalg.norm(vector))) / 2


def _inner(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    product = rows @ vector
    return np.where(product >= 0, product + 1, 1 / (1 - np.minimum(product, 0)))


def _distance(rows: np.ndarray, vector: np.ndarray) -> np.ndarray:
    return 1 / (1 + ((rows - vector) ** 2).sum(axis=1))


SCORES: dict[str, Callable[[np.ndarray, np.ndarray], np.ndarray]] = {
    "cosinesimil": _cosine,
    "innerproduct": _inner,
    "l2": _distance,
}
