"""Writes and reads of single documents, and of many in one bulk."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from local.opensearch import serverless
from local.opensearch.cluster import Cluster
from local.opensearch.errors import Refused, illegal
from local.opensearch.index import Index
from local.opensearch.search import with_source

Json = dict[str, Any]
Answer = tuple[int, Json]
ACTIONS = ("create", "delete", "index")
OF_ITEM = {"_id", "_index", "require_alias"}
SHARDS = {"total": 1, "successful": 1, "failed": 0}
STATUS = {"created": 201, "not_found": 404}


def put(cluster: Cluster, name: str, id: str | None, source: bytes) -> Answer:
    """Adds or replaces a document. Raises Refused."""
    index = cluster.one(name)
    if cluster.service.serverless:
        serverless.check_id(id)
        id = serverless.new_id()
    id = uuid4().hex[:20] if id is None else id
    return _written(index, id, index.put(id, source))


def delete(cluster: Cluster, name: str, id: str) -> Answer:
    """Raises Refused."""
    index = cluster.one(name)
    return _written(index, id, "deleted" if index.delete(id) else "not_found")


def get(index: Index, id: str, source: Any) -> Answer:
    place = {"_index": index.name, "_id": id}
    found = index.documents.get(id)
    if found is None:
        return 404, place | {"found": False}
    return 200, place | {"found": True} | with_source(found, source)


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
        status, told = _done(cluster, kind, name, id, source)
    except Refused as refused:
        told = {"_index": name, "_id": id, "error": refused.told()}
        return told | {"status": refused.status}
    return told | {"status": status}


def _done(cluster: Cluster, kind: str, name: str, id: str | None, source: bytes) -> Answer:
    if kind == "delete":
        if id is None:
            raise _invalid("id is missing")
        return delete(cluster, name, id)
    if kind == "create" and id is not None and id in cluster.one(name).documents:
        raise _conflict(id)
    return put(cluster, name, id, source)


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
            f"Malformed action/metadata line [{number}], expected one of [create, delete, index] "
            f"but found [{kind}]"
        )
    for name in options.keys() - OF_ITEM:
        raise illegal(f"Action/metadata line [{number}] contains an unknown parameter [{name}]")
    return action


def _written(index: Index, id: str, result: str) -> Answer:
    told = {"_index": index.name, "_id": id, "result": result, "_shards": SHARDS}
    return STATUS.get(result, 200), told


def _conflict(id: str) -> Refused:
    reason = f"[{id}]: version conflict, document already exists"
    return Refused("version_conflict_engine_exception", reason, status=409)


def _not_an_alias(name: str) -> Refused:
    return Refused(
        "index_not_found_exception",
        f"no such index [{name}] and [require_alias] request flag is [true] and [{name}] is not an "
        "alias",
        status=404,
    )


def _invalid(what: str) -> Refused:
    return Refused("action_request_validation_exception", f"Validation Failed: 1: {what};")
