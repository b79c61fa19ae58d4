"""Vectors of one field, compared exactly."""

from __future__ import annotations

from array import array
from collections.abc import Callable

import numpy as np

from local.opensearch.found import packed

FEW = 1 / 4  # share of a query's numbers below which to pick their rows out costs less than all


class Vectors:
    """One vector for each document that has the field, by the document's ordinal.

    They are columns: a query's zeros, of which those of the Bedrock stand-in have nine in ten, are
    whole rows then, which need not be read.
    """

    def __init__(self, dimension: int, space: str) -> None:
        self.dimension = dimension
        self.space = space
        self._ordinals = array("I")
        self._columns = np.zeros((dimension, 0), dtype=np.float32)

    def add(self, ordinal: int, vector: np.ndarray) -> None:
        at, room = len(self._ordinals), self._columns.shape[1]
        if at == room:
            wider = np.zeros((self.dimension, max(256, room * 2)), dtype=np.float32)
            wider[:, :room] = self._columns
            self._columns = wider
        self._columns[:, at] = _unit(vector) if self.space == "cosinesimil" else vector
        self._ordinals.append(ordinal)

    def present(self, documents: int) -> np.ndarray:
        mask = np.zeros(documents, dtype=bool)
        mask[np.frombuffer(self._ordinals, dtype=np.uint32)] = True
        return mask

    def nearest(self, vector: list[float], most: int, allowed: np.ndarray) -> np.ndarray:
        """Scores of the nearest of the allowed documents, 0 for all others."""
        ordinals = np.frombuffer(self._ordinals, dtype=np.uint32)
        near = self._nearness(np.array(vector, dtype=np.float32))
        at = np.flatnonzero(allowed[ordinals])
        if len(at) > most:
            at = at[np.argpartition(-near[at], most - 1)[:most]]
        scores = np.zeros(len(allowed), dtype=np.float32)
        scores[ordinals[at]] = SCORES[self.space](near[at])
        return scores

    def renumber(self, numbers: np.ndarray) -> None:
        new = numbers[np.frombuffer(self._ordinals, dtype=np.uint32)]
        stays = np.flatnonzero(new >= 0)
        self._columns = np.ascontiguousarray(self._columns[:, stays])
        self._ordinals = packed(new[stays])

    def _nearness(self, vector: np.ndarray) -> np.ndarray:
        """Of each vector; the nearer, the more."""
        columns = self._columns[:, : len(self._ordinals)]
        if self.space == "l2":
            return -((columns - vector[:, np.newaxis]) ** 2).sum(axis=0, dtype=np.float64)
        return _products(columns, _unit(vector) if self.space == "cosinesimil" else vector)


def _unit(vector: np.ndarray) -> np.ndarray:
    return vector / np.linalg.norm(vector)


def _products(columns: np.ndarray, vector: np.ndarray) -> np.ndarray:
    told = np.flatnonzero(vector)
    few = len(told) < FEW * len(vector)
    product: np.ndarray = vector[told] @ columns[told] if few else vector @ columns
    return product


def _cosine(product: np.ndarray) -> np.ndarray:
    return (1 + product) / 2


def _inner(product: np.ndarray) -> np.ndarray:
    return np.where(product >= 0, product + 1, 1 / (1 - np.minimum(product, 0)))


def _distance(nearness: np.ndarray) -> np.ndarray:
    return 1 / (1 - nearness)


SCORES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "cosinesimil": _cosine,
    "innerproduct": _inner,
    "l2": _distance,
}
