"""Writes and reads of single documents, and of many in one bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from local.opensearch.cluster import Cluster
from local.opensearch.errors import Refused, illegal
from local.opensearch.index import Document, Index
from local.opensearch.search import with_source
from local.opensearch.version import Wish, wish

Json = dict[str, Any]
Answer = tuple[int, Json]
ACTIONS = ("create", "delete", "index", "update")
OF_ITEM = {"_id", "_index", "require_alias", "version", "version_type"}
SHARDS = {"total": 1, "successful": 1, "failed": 0}
STATUS = {"created": 201, "not_found": 404}


def put(index: Index, id: str | None, source: bytes, wished: Wish) -> Answer:
    """Raises Refused."""
    id = uuid4().hex[:20] if id is None else id
    return _written(index, id, *index.put(id, source, wished))


def delete(index: Index, id: str, wished: Wish) -> Answer:
    return _written(index, id, *index.delete(id, wished))


def update(index: Index, id: str, change: Mapping[str, Any]) -> Answer:
    """Changes fields of a document; `doc_as_upsert` makes it of them. Raises Refused."""
    for name in change.keys() - {"doc", "doc_as_upsert"}:
        raise illegal(f"[UpdateRequest] unknown field [{name}]")
    found = index.get(id)
    if found is None and not change.get("doc_as_upsert"):
        raise Refused("document_missing_exception", f"[{id}]: document missing", status=404)
    old = json.loads(found.source) if found else {}
    source = json.dumps(old | change["doc"], ensure_ascii=False).encode()
    return put(index, id, source, Wish())


def get(index: Index, id: str, source: Any) -> Answer:
    found = index.get(id)
    if found is None:
        return 404, {"_index": index.name, "_id": id, "found": False}
    return 200, _place(index, id, found) | {"found": True} | with_source(found, source)


def bulk(cluster: Cluster, default: str | None, body: bytes) -> Json:
    """The answer of _bulk, in which each item tells its own result. Raises Refused."""
    items = []
    for kind, options, source in _items(body):
        name = options.get("_index", default)
        if name is None:
            raise _invalid("index is missing")
        items.append({kind: _tried(cluster, kind, name, options, source)})
    failed = any("error" in told for item in items for told in item.values())
    return {"took": 0, "errors": failed, "items": items}


def _tried(cluster: Cluster, kind: str, name: str, options: Json, source: bytes) -> Json:
    id = options.get("_id")
    try:
        if options.get("require_alias") and name not in cluster.aliases:
            raise _not_an_alias(name)
        status, told = _done(cluster.one(name), kind, id, options, source)
    except Refused as refused:
        told = {"_index": name, "_id": id, "error": refused.told()}
        return told | {"status": refused.status}
    return told | {"status": status}


def _done(index: Index, kind: str, id: str | None, options: Json, source: bytes) -> Answer:
    if kind in ("index", "create"):
        return put(index, id, source, wish(options, create=kind == "create"))
    if id is None:
        raise _invalid("id is missing")
    if kind == "delete":
        return delete(index, id, wish(options))
    return update(index, id, json.loads(source))


def _items(body: bytes) -> Iterator[tuple[str, Json, bytes]]:
    """Action, its options and the source, which a deletion has not."""
    if not body.strip():
        raise Refused("parse_exception", "request body is required")
    if not body.endswith(b"\n"):
        raise illegal("The bulk request must be terminated by a newline [\\n]")
    lines = iter(body.split(b"\n")[:-1])
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        action = _action(line, number)
        [(kind, options)] = action.items()
        yield kind, options, b"" if kind == "delete" else next(lines, b"")


def _action(line: bytes, number: int) -> dict[str, Json]:
    try:
        action: dict[str, Json] = json.loads(line)
        [(kind, options)] = action.items()
    except (AttributeError, ValueError):
        raise illegal(f"Malformed action/metadata line [{number}]") from None
    if kind not in ACTIONS:
        raise illegal(
            f"Malformed action/metadata line [{number}], expected one of [create, delete, index, "
            f"update] but found [{kind}]"
        )
    for name in options.keys() - OF_ITEM:
        raise illegal(f"Action/metadata line [{number}] contains an unknown parameter [{name}]")
    return action


def _written(index: Index, id: str, result: str, document: Document) -> Answer:
    told = _place(index, id, document) | {"result": result, "_shards": SHARDS}
    return STATUS.get(result, 200), told


def _place(index: Index, id: str, document: Document) -> Json:
    place = {"_index": index.name, "_id": id, "_version": document.version}
    return place | {"_seq_no": document.seq_no, "_primary_term": 1}


def _not_an_alias(name: str) -> Refused:
    return Refused(
        "index_not_found_exception",
        f"no such index [{name}] and [require_alias] request flag is [true] and [{name}] is not an "
        "alias",
        status=404,
    )


def _invalid(what: str) -> Refused:
    return Refused("action_request_validation_exception", f"Validation Failed: 1: {what};")
