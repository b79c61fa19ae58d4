"""What a query finds in an index: a mask and a score for each document, and how both combine."""

from __future__ import annotations

import math
import re
from array import array
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from local.opensearch.errors import illegal

ZERO = np.float32(0)
SHARE = re.compile(r"(-?\d+)(%?)")


class Found(NamedTuple):
    """mask: which documents match, by ordinal; scores: theirs, of those that do."""

    mask: np.ndarray
    scores: np.ndarray

    def boosted(self, factor: float) -> Found:
        return self if factor == 1 else Found(self.mask, self.scores * np.float32(factor))

    def without_scores(self) -> Found:
        return Found(self.mask, np.zeros_like(self.scores))


def scored(scores: np.ndarray) -> Found:
    """Documents with a score match."""
    return Found(scores > 0, scores)


def constant(mask: np.ndarray, score: float = 1.0) -> Found:
    return Found(mask, np.where(mask, np.float32(score), ZERO))


def all_of(parts: list[Found]) -> Found:
    """At least one part is needed; the scores add up."""
    mask = reduce(np.logical_and, (part.mask for part in parts))
    return Found(mask, np.where(mask, sum(part.scores for part in parts), ZERO))


def some_of(parts: list[Found], least: int) -> Found:
    """Documents that so many parts match; the scores of those that match add up."""
    count = sum(part.mask.astype(np.int32) for part in parts)
    mask = count >= max(1, least)
    return Found(mask, sum(np.where(part.mask, part.scores, ZERO) for part in parts))


def best_of(parts: list[Found], tie_breaker: float) -> Found:
    """The best score of the parts, and a share of the others'."""
    scores = np.stack([np.where(part.mask, part.scores, ZERO) for part in parts])
    best = scores.max(axis=0)
    mask = reduce(np.logical_or, (part.mask for part in parts))
    return Found(mask, best + np.float32(tie_breaker) * (scores.sum(axis=0) - best))


def least_matches(wish: Any, clauses: int) -> int:
    """minimum_should_match for so many optional clauses. Raises Refused."""
    least = str(clauses)
    for rule in str(wish).split():
        above, conditional, share = rule.rpartition("<")
        if not conditional or clauses > int(above):
            least = share
    found = SHARE.fullmatch(least)
    if not found:
        raise illegal(f"Invalid minimum_should_match [{wish}]")
    number = math.trunc(clauses * int(found[1]) / 100) if found[2] else int(found[1])
    return min(clauses, max(0, clauses + number if found[1].startswith("-") else number))


def packed(values: np.ndarray) -> array[int]:
    """Ordinals or counts in an array that grows."""
    made = array("I")
    made.frombytes(values.astype(np.uint32).tobytes())
    return made
