"""Copies of a title in an index: each write adds one, and the newest counts.

A Serverless collection with vectors gives documents ids of its own and lets nobody replace one. So
a title is found by a field, and a copy is deleted once a newer one is seen: never earlier, because
a write is seen late, and a title would be missing meanwhile.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from opensearchpy.exceptions import NotFoundError

from mangaassist.errors import Failure
from mangaassist.search.client import naming, of_status, opensearch
from mangaassist.search.documents import Document
from mangaassist.search.hits import Hit, newest, title_of

MOST = 10_000  # documents of an answer; OpenSearch gives no more
ABSENT = 404  # somebody else has deleted it


@dataclass(frozen=True)
class Title:
    """A title as it was at some time. version: grows with that time; document: None for gone."""

    id: str
    version: int
    document: Document | None


def write(titles: Sequence[Title], indices: Iterable[str]) -> dict[str, Failure]:
    """Adds a copy of each title to indices; what was refused, by title id.

    Raises a Failure when the server takes none of it.
    """
    targets = [(index, title) for index in indices for title in titles]
    lines = [line for index, title in targets for line in _lines(title, index)]
    results = _bulk(lines, "writing titles") if lines else []
    return {
        title.id: of_status(result["status"], str(result.get("error")))
        for (_, title), result in zip(targets, results, strict=True)
        if result["status"] >= 400
    }


def settle(index: str, versions: Mapping[str, int]) -> set[str]:
    """Deletes the copies of titles of which a newer one is seen.

    versions: those that were written, by title id. Returns the titles of which neither that copy
    nor a newer one is seen yet. Raises a Failure.
    """
    hits = _seen(index, versions)
    best = newest(hits)
    kept = {hit["_id"] for hit in best}
    old = [
        _json({"delete": {"_index": index, "_id": hit["_id"]}})
        for hit in hits
        if hit["_id"] not in kept
    ]
    for result in _bulk(old, "deleting old copies of titles") if old else []:
        if result["status"] >= 400 and result["status"] != ABSENT:
            raise of_status(result["status"], f"An old copy stays: {result.get('error')}")
    seen = {title_of(hit): hit["_source"]["version"] for hit in best}
    return {id for id, version in versions.items() if seen.get(id, -1) < version}


def _seen(index: str, ids: Iterable[str]) -> list[Hit]:
    body = {
        "query": {"terms": {"title": list(ids)}},
        "size": MOST,
        "_source": ["title", "version"],
        "track_total_hits": False,
    }
    with naming(f"looking for copies in {index}"):
        try:
            hits: list[Hit] = opensearch().search(index=index, body=body)["hits"]["hits"]
        except NotFoundError:
            return []  # Serverless does not know a new index for some seconds.
    return hits


def _lines(title: Title, index: str) -> list[str]:
    """A title that is gone leaves a copy with nothing to be found by, against late older ones."""
    document = {"title": title.id, "version": title.version, **(title.document or {})}
    return [_json({"index": {"_index": index}}), _json(document)]


def _bulk(lines: Sequence[str], what: str) -> list[dict[str, Any]]:
    """What became of each action, in their order."""
    with naming(what):
        answer = opensearch().bulk(body="\n".join(lines) + "\n")
    return [result for item in answer["items"] for result in item.values()]


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
