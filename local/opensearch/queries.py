"""The query language: QUERIES names what is understood; anything else is refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Any

import numpy as np

from local.opensearch import found
from local.opensearch.errors import illegal
from local.opensearch.found import ZERO, Found, constant
from local.opensearch.index import Index
from local.opensearch.leaves import (
    LEAVES,
    boost,
    failed,
    known,
    match_all,
    parsing,
    searchable,
    single,
)
from local.opensearch.vectors import Vectors

Json = Mapping[str, Any]
BOOL = {"must", "filter", "should", "must_not", "minimum_should_match", "boost"}
MOST_NEIGHBOURS = 10_000


def evaluate(query: Json, index: Index) -> Found:
    """What a query finds among all ordinals, those of gone documents too. Raises Refused."""
    if not isinstance(query, dict) or len(query) != 1:
        raise parsing("query malformed, must start with the name of one query")
    [(name, body)] = query.items()
    if name not in QUERIES:
        raise parsing(f"unknown query [{name}]")
    return QUERIES[name](body, index)


def knn(body: Json, index: Index) -> Found:
    name, options = single("knn", body, "vector")
    known("knn", options, {"vector", "k", "filter", "boost"})
    most, vector = options.get("k"), options.get("vector", [])
    if not isinstance(most, int) or not 0 < most <= MOST_NEIGHBOURS:
        raise illegal(f"[knn] requires k to be in the range (0, {MOST_NEIGHBOURS}]")
    field = searchable(name, index)
    if field is None or not isinstance(field.index, Vectors):
        raise failed(f"Field '{name}' is not knn_vector type.")
    if str(index.settings.get("knn", "false")).lower() != "true":
        raise failed(f"Field '{name}' is not built for ANN search.")
    if len(vector) != field.index.dimension:
        raise failed(
            f"Query vector has invalid dimension: {len(vector)}. Dimension should be: "
            f"{field.index.dimension}"
        )
    allowed = index.live()
    if "filter" in options:
        allowed &= evaluate(options["filter"], index).mask
    return found.scored(field.index.nearest(vector, most, allowed)).boosted(boost(options))


def boolean(body: Json, index: Index) -> Found:
    known("bool", body, BOOL)
    must = _all("must", body, index)
    must += [part.without_scores() for part in _all("filter", body, index)]
    should = _all("should", body, index)
    needed = 0 if must or not should else 1
    if "minimum_should_match" in body:
        needed = found.least_matches(body["minimum_should_match"], len(should))
    result = found.all_of(must) if must else None
    if should:
        either = found.some_of(should, needed)
        if needed:
            result = found.all_of([result, either]) if result else either
        else:
            result = _with_more(result or match_all({}, index).without_scores(), either)
    banned = [part.mask for part in _all("must_not", body, index)]
    if result is None:
        result = match_all({}, index).without_scores() if banned else match_all({}, index)
    mask = result.mask & ~reduce(np.logical_or, banned) if banned else result.mask
    return Found(mask, result.scores).boosted(boost(body))


def dis_max(body: Json, index: Index) -> Found:
    known("dis_max", body, {"queries", "tie_breaker", "boost"})
    parts = [evaluate(query, index) for query in body["queries"]]
    if not parts:
        raise parsing("[dis_max] requires 'queries' field with at least one clause")
    best = found.best_of(parts, float(body.get("tie_breaker", 0)))
    return best.boosted(boost(body))


def constant_score(body: Json, index: Index) -> Found:
    known("constant_score", body, {"filter", "boost"})
    if "filter" not in body:
        raise parsing("[constant_score] requires a 'filter' element")
    return constant(evaluate(body["filter"], index).mask, boost(body))


def _all(kind: str, body: Json, index: Index) -> list[Found]:
    clauses = body.get(kind, [])
    return [
        evaluate(clause, index) for clause in (clauses if isinstance(clauses, list) else [clauses])
    ]


def _with_more(needed: Found, more: Found) -> Found:
    return Found(needed.mask, needed.scores + np.where(more.mask, more.scores, ZERO))


QUERIES: dict[str, Callable[[Any, Index], Found]] = {
    **LEAVES,
    "bool": boolean,
    "constant_score": constant_score,
    "dis_max": dis_max,
    "knn": knn,
}
