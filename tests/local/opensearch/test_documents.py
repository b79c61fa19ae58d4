"""Documents are taken as the mapping has them, each on its own, and the newest version stays."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import NotFoundError

from tests.local.opensearch.conftest import Index, refusal

DOCUMENT = {"name": ["海賊王", "Pirate"], "words": "冒険", "vector": [0.25, -1], "kept": None}


def versioned(id: str, version: int, kind: str = "external") -> dict[str, Any]:
    return {"_id": id, "version": version, "version_type": kind}


def statuses(results: list[dict[str, Any]]) -> list[int]:
    return [result["status"] for result in results]


def test_a_document_is_read_as_it_was_written(index: Index) -> None:
    index.bulk({"index": {"_id": "one"}}, DOCUMENT)
    assert index.client.get(index=index.name, id="one")["_source"] == DOCUMENT


def test_a_bulk_says_of_each_item_what_became_of_it(index: Index) -> None:
    results = index.bulk(
        {"index": {"_id": "one"}}, DOCUMENT,
        {"index": {"_id": "one"}}, {"words": "旅"},
        {"create": {"_id": "one"}}, DOCUMENT,
        {"update": {"_id": "one"}}, {"doc": {"kept": "too"}},
        {"delete": {"_id": "one"}},
        {"delete": {"_id": "one"}},
        {"update": {"_id": "one"}}, {"doc": {"kept": "too"}},
    )  # fmt: skip
    told = [result.get("result") or result["error"]["type"] for result in results]
    assert told == [
        "created",
        "updated",
        "version_conflict_engine_exception",
        "updated",
        "deleted",
        "not_found",
        "document_missing_exception",
    ]
    assert statuses(results) == [201, 200, 409, 200, 200, 404, 404]


@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ({"unknown": "field"}, "strict_dynamic_mapping_exception"),
        ({"vector": [1, 2, 3]}, "mapper_parsing_exception"),
        ({"vector": "near"}, "mapper_parsing_exception"),
        ({"words": {"ja": "冒険"}}, "mapper_parsing_exception"),
    ],
)
def test_a_document_that_does_not_fit_is_refused_alone(
    index: Index, document: dict[str, Any], kind: str
) -> None:
    action: dict[str, Any] = {"index": {}}
    results = index.bulk(action, DOCUMENT, action, document, action, DOCUMENT)
    assert statuses(results) == [201, 400, 201]
    assert results[1]["error"]["type"] == kind


def test_an_older_version_does_not_replace_a_newer_one(index: Index) -> None:
    newer, older = versioned("one", 7), versioned("one", 6)
    results = index.bulk({"index": newer}, DOCUMENT, {"index": older}, {"words": "旅"})
    assert statuses(results) == [201, 409]
    assert results[1]["error"]["type"] == "version_conflict_engine_exception"
    assert index.client.get(index=index.name, id="one")["_source"] == DOCUMENT


@pytest.mark.parametrize(("kind", "status"), [("external", 409), ("external_gte", 200)])
def test_the_same_version_again_is_taken_by_one_kind_alone(
    index: Index, kind: str, status: int
) -> None:
    same = {"index": versioned("one", 7, kind)}
    assert statuses(index.bulk(same, DOCUMENT, same, DOCUMENT)) == [201, status]


def test_an_older_version_does_not_bring_back_what_was_deleted(index: Index) -> None:
    results = index.bulk({"delete": versioned("one", 7)}, {"index": versioned("one", 6)}, DOCUMENT)
    assert statuses(results) == [404, 409]
    with pytest.raises(NotFoundError):
        index.client.get(index=index.name, id="one")


def test_writes_through_an_alias_of_two_indices_are_refused(
    client: OpenSearch, index: Index
) -> None:
    other, alias = f"{index.name}-other", f"{index.name}-alias"
    client.indices.create(index=other, body={"aliases": {alias: {}}})
    client.indices.put_alias(index=index.name, name=alias)
    refused = refusal(client.index, index=alias, id="one", body=DOCUMENT)
    assert refused[:2] == (400, "illegal_argument_exception")


def test_what_was_replaced_or_deleted_is_found_no_more(index: Index) -> None:
    """So many times that the stand-in makes room in between."""
    ids = [f"n{number}" for number in range(600)]
    for word in ("first", "second", "third"):
        lines = [line for id in ids for line in ({"index": {"_id": id}}, {"pieces": word})]
        assert set(statuses(index.bulk(*lines))) <= {200, 201}
    index.bulk(*({"delete": {"_id": id}} for id in ids[1:]))
    index.fill(n0={"pieces": "third", "vector": [1, 0]})
    index.until(lambda: list(index.find({"match_all": {}})) == ["n0"])
    assert not index.find({"match": {"pieces": "first second"}})
    assert list(index.find({"match": {"pieces": "third"}})) == ["n0"]
    assert list(index.find({"knn": {"vector": {"vector": [1, 0], "k": 5}}})) == ["n0"]
