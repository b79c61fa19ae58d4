"""Answers a search: the best hits, and of their sources what was asked for."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import numpy as np

from local.opensearch.errors import Refused, SearchFailed, illegal
from local.opensearch.found import Found
from local.opensearch.index import Document, Index
from local.opensearch.queries import evaluate

Json = dict[str, Any]
KNOWN = {"_source", "from", "min_score", "query", "size", "timeout", "track_total_hits"}
SIZE = 10
WINDOW = 10_000  # hits that can be paged through
COUNTED = 10_000  # hits that are counted, unless more is asked for
SHARDS = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}


def search(index: Index, body: Mapping[str, Any]) -> Json:
    """The answer of _search. Raises Refused."""
    begun = time.monotonic()
    for name in body.keys() - KNOWN:
        raise Refused("parsing_exception", f"Unknown key for a VALUE in [{name}].")
    begin, size = int(body.get("from", 0)), int(body.get("size", SIZE))
    if begin + size > WINDOW:
        raise illegal(
            f"Result window is too large, from + size must be less than or equal to: [{WINDOW}] "
            f"but was [{begin + size}]."
        )
    found = matching(index, body.get("query", {"match_all": {}}))
    mask = found.mask & (found.scores >= body.get("min_score", 0))
    best = _best(Found(mask, found.scores), begin + size)[begin:]
    hits = [
        {"_index": index.name, "_id": index.ids[at], "_score": float(found.scores[at])}
        | with_source(index.documents[index.ids[at]], body.get("_source", True))
        for at in best
    ]
    told: Json = _total(int(mask.sum()), body.get("track_total_hits", COUNTED))
    told["max_score"] = float(found.scores[mask].max()) if mask.any() and size else None
    return {
        "took": int(1_000 * (time.monotonic() - begun)),
        "timed_out": False,
        "_shards": SHARDS,
        "hits": told | {"hits": hits},
    }


def count(index: Index, body: Mapping[str, Any]) -> Json:
    found = matching(index, body.get("query", {"match_all": {}}))
    return {"count": int(found.mask.sum()), "_shards": SHARDS}


def matching(index: Index, query: Mapping[str, Any]) -> Found:
    """What a query finds of the documents that are there. Raises Refused."""
    try:
        found = evaluate(query, index)
    except Refused as failure:
        if failure.kind != "query_shard_exception":
            raise
        raise SearchFailed(index.name, failure) from None
    return Found(found.mask & index.live(), found.scores)


def with_source(document: Document, wish: Any) -> Json:
    """The part of a hit that tells the source, empty if none is wished for."""
    return {} if wish in (False, "false") else {"_source": _filtered(document, wish)}


def _filtered(document: Document, wish: Any) -> Json:
    """The fields of a source that are wished for: all, or those that are named."""
    included, excluded = wish, []
    if isinstance(wish, dict):
        included, excluded = wish.get("includes", True), wish.get("excludes", [])
    if included in (True, "true", []):
        fields: Json = json.loads(document.source)
        return {name: value for name, value in fields.items() if name not in excluded}
    named = set(included.split(",") if isinstance(included, str) else included) - set(excluded)
    source = document.told if named <= document.told.keys() else json.loads(document.source)
    return {name: value for name, value in source.items() if name in named}


def _best(found: Found, most: int) -> np.ndarray:
    """Ordinals by their scores, highest first; of equal ones the earlier."""
    at = np.flatnonzero(found.mask)
    if len(at) > most > 0:
        bar = np.partition(found.scores[at], -most)[-most]
        at = at[found.scores[at] >= bar]
    return at[np.argsort(-found.scores[at], kind="stable")][:most]


def _total(hits: int, tracked: Any) -> Json:
    wish = str(tracked).lower()
    if wish == "false":
        return {}
    most = hits if wish == "true" else int(tracked)
    relation = "eq" if hits <= most else "gte"
    return {"total": {"value": min(hits, most), "relation": relation}}
