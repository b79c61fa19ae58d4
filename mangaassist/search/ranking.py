"""Brings what OpenSearch found into one order."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from mangaassist.search.hits import Hit, title_of
from mangaassist.search.likeness import Form, likeness

FUSION = 60  # of reciprocal rank fusion: how little the first places of one list count more
NEAR = 0.3  # cosine from which a title means about the same as a wish


class Match(NamedTuple):
    """A title that was found. likeness: 0 to 1, that of its name to what was asked."""

    id: str
    likeness: float


def by_likeness(hits: Sequence[Hit], texts: Sequence[Sequence[Form]]) -> list[Match]:
    """Candidates by how like their names are to one of the texts; the name itself comes first."""
    scored = [
        (max(likeness(forms, hit["_source"]["names"]) for forms in texts), hit["_score"], hit)
        for hit in hits
    ]
    best = sorted(scored, key=lambda one: (-one[0], -one[1], title_of(one[2])))
    return [Match(title_of(hit), alike) for alike, _, hit in best]


def near(hits: Iterable[Hit]) -> list[str]:
    """Ids of the hits of a vector that are near enough to mean something."""
    return [title_of(hit) for hit in hits if cosine(hit["_score"]) >= NEAR]


def cosine(score: float) -> float:
    """That of two unit vectors, from the score that OpenSearch makes of their inner product."""
    return score - 1 if score >= 1 else 1 - 1 / score


def fuse(lists: Iterable[Sequence[str]], most: int) -> list[str]:
    """Ids by reciprocal rank fusion: high in several lists is better than first in one."""
    scores: defaultdict[str, float] = defaultdict(float)
    for ids in lists:
        for place, id in enumerate(ids, start=1):
            scores[id] += 1 / (FUSION + place)
    return sorted(scores, key=lambda id: (-scores[id], id))[:most]
