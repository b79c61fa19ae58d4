"""Hits of a search: copies of titles, of which the newest counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

Hit = Mapping[str, Any]  # as OpenSearch gives it: _id, _score, _source


def title_of(hit: Hit) -> str:
    """The id of the title that a hit is a copy of."""
    return str(hit["_source"]["title"])


def newest(hits: Iterable[Hit]) -> list[Hit]:
    """The hits of one answer without those that have a newer copy among them, in their order."""
    found = list(hits)
    best: dict[str, Hit] = {}
    for hit in found:
        other = best.setdefault(title_of(hit), hit)
        if other is not hit and _age(hit) > _age(other):
            best[title_of(hit)] = hit
    return [hit for hit in found if best[title_of(hit)] is hit]


def _age(hit: Hit) -> tuple[int, str]:
    """Of two copies the newer has more; copies of one version differ by their ids."""
    return hit["_source"]["version"], hit["_id"]
