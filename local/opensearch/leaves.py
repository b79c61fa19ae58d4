"""Queries without others in them: LEAVES names them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from local.opensearch import found
from local.opensearch.errors import Refused, not_simulated
from local.opensearch.fields import Field, text
from local.opensearch.found import Found, constant
from local.opensearch.index import Index
from local.opensearch.postings import Postings

Json = Mapping[str, Any]
MATCH = {"query", "operator", "minimum_should_match", "boost"}


def match_all(body: Json, index: Index) -> Found:
    known("match_all", body, {"boost"})
    return constant(np.ones(len(index.ids), dtype=bool), boost(body))


def match(body: Json, index: Index) -> Found:
    name, options = single("match", body, "query")
    known("match", options, MATCH)
    return _match(name, options, index).boosted(boost(options))


def multi_match(body: Json, index: Index) -> Found:
    known("multi_match", body, {*MATCH, "fields", "type", "tie_breaker"})
    if body.get("type", "best_fields") != "best_fields":
        raise not_simulated(f"[multi_match] of the type [{body['type']}]")
    parts = []
    for field in body["fields"]:
        name, _, weight = field.partition("^")
        parts.append(_match(name, body, index).boosted(float(weight or 1)))
    return found.best_of(parts, float(body.get("tie_breaker", 0))).boosted(boost(body))


def term(body: Json, index: Index) -> Found:
    name, options = single("term", body, "value")
    known("term", options, {"value", "boost"})
    return _exactly(name, options["value"], index).boosted(boost(options))


def terms(body: Json, index: Index) -> Found:
    [(name, values)] = [(key, value) for key, value in body.items() if key != "boost"]
    field = searchable(name, index)
    if field is None:
        return nothing(index)
    return constant(_terms(field).having(map(text, values), len(index.ids)), boost(body))


def prefix(body: Json, index: Index) -> Found:
    name, options = single("prefix", body, "value")
    known("prefix", options, {"value", "boost"})
    field = searchable(name, index)
    if field is None:
        return nothing(index)
    postings = _terms(field)
    begun = [one for one in postings.terms if one.startswith(text(options["value"]))]
    return constant(postings.having(begun, len(index.ids)), boost(options))


def exists(body: Json, index: Index) -> Found:
    known("exists", body, {"field", "boost"})
    field = index.fields.known.get(body["field"])
    if field is None or field.index is None:
        return nothing(index)
    return constant(field.index.present(len(index.ids)), boost(body))


def ids(body: Json, index: Index) -> Found:
    known("ids", body, {"values", "boost"})
    mask = np.zeros(len(index.ids), dtype=bool)
    found = map(index.documents.get, body["values"])
    mask[[document.ordinal for document in found if document]] = True
    return constant(mask, boost(body))


def nothing(index: Index) -> Found:
    return constant(np.zeros(len(index.ids), dtype=bool))


def boost(body: Json) -> float:
    return float(body.get("boost", 1))


def known(query: str, options: Json, names: set[str]) -> None:
    """Raises Refused for an option that a query has not."""
    for name in options.keys() - names:
        raise parsing(f"[{query}] query does not support [{name}]")


def single(query: str, body: Json, short: str) -> tuple[str, Json]:
    """The field of a query and its options, of which the short form has one."""
    if not isinstance(body, dict) or len(body) != 1:
        raise parsing(f"[{query}] query doesn't support multiple fields")
    [(name, options)] = body.items()
    return name, options if isinstance(options, dict) else {short: options}


def parsing(reason: str) -> Refused:
    return Refused("parsing_exception", reason)


def failed(reason: str) -> Refused:
    """Of a query that does not fit the mapping."""
    return Refused("query_shard_exception", f"failed to create query: {reason}")


def _match(name: str, options: Json, index: Index) -> Found:
    field = searchable(name, index)
    if field is None:
        return nothing(index)
    if field.search_analyzer is None:
        return _exactly(name, options["query"], index)
    wanted = field.search_analyzer(text(options["query"]))
    every = str(options.get("operator", "or")).lower() == "and"
    wish = options.get("minimum_should_match", len(wanted) if every else 1)
    least = found.least_matches(wish, len(wanted))
    return _terms(field).match(wanted, least, len(index.ids))


def _exactly(name: str, value: Any, index: Index) -> Found:
    field = searchable(name, index)
    return _terms(field).match([text(value)], 1, len(index.ids)) if field else nothing(index)


def _terms(field: Field) -> Postings:
    """Raises Refused for a field that has vectors in their place."""
    if not isinstance(field.index, Postings):
        raise failed(f"Field [{field.name}] of type [{field.kind}] has no terms.")
    return field.index


def searchable(name: str, index: Index) -> Field | None:
    """A field that can be found by, None if there is none of that name. Raises Refused."""
    field = index.fields.known.get(name)
    if field and field.index is None:
        raise failed(f"Cannot search on field [{name}] since it is not indexed.")
    return field


LEAVES: dict[str, Callable[[Any, Index], Found]] = {
    "exists": exists,
    "ids": ids,
    "match": match,
    "match_all": match_all,
    "multi_match": multi_match,
    "prefix": prefix,
    "term": term,
    "terms": terms,
}
