"""Documents are taken as the mapping has them, each on its own."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch

from tests.local.opensearch.conftest import Index, refusal

DOCUMENT = {
    "name": ["海賊王", "Pirate"],
    "words": "冒険",
    "vector": [0.25, -1],
    "kept": None,
    "number": 7,
}


def statuses(results: list[dict[str, Any]]) -> list[int]:
    return [result["status"] for result in results]


def test_a_document_is_read_as_it_was_written_by_the_id_that_it_got(index: Index) -> None:
    [made] = index.bulk({"index": {}}, DOCUMENT)
    assert (made["result"], made["status"]) == ("created", 201)
    assert index.client.index(index=index.name, body=DOCUMENT)["result"] == "created"
    [hit] = index.search({"match_all": {}}, size=1)["hits"]["hits"]
    assert hit["_source"] == DOCUMENT


def test_a_bulk_says_of_each_item_in_its_order_what_became_of_it(index: Index) -> None:
    [made] = index.bulk({"index": {}}, DOCUMENT)
    delete = {"delete": {"_id": made["_id"]}}
    results = index.bulk({"create": {}}, DOCUMENT, delete, delete, {"index": {}}, DOCUMENT)
    assert [result["result"] for result in results] == [
        "created", "deleted", "not_found", "created",
    ]  # fmt: skip
    assert statuses(results) == [201, 200, 404, 201]


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


def test_writes_through_an_alias_of_two_indices_are_refused(
    client: OpenSearch, index: Index
) -> None:
    other, alias = f"{index.name}-other", f"{index.name}-alias"
    client.indices.create(index=other, body={"aliases": {alias: {}}})
    client.indices.put_alias(index=index.name, name=alias)
    refused = refusal(client.index, index=alias, body=DOCUMENT)
    assert refused[:2] == (400, "illegal_argument_exception")


def test_what_was_deleted_is_found_no_more(index: Index) -> None:
    """So many times that the stand-in makes room in between."""
    for word in ("first", "second", "third"):
        lines: list[Any] = [{"index": {}}, {"pieces": word}]
        made = index.bulk(*600 * lines)
        assert set(statuses(made)) == {201}
        index.bulk(*({"delete": {"_id": one["_id"]}} for one in made))
    index.fill(left={"pieces": "third", "vector": [1, 0]})
    index.until(lambda: list(index.find({"match_all": {}})) == ["left"])
    assert not index.find({"match": {"pieces": "first second"}})
    assert list(index.find({"match": {"pieces": "third"}})) == ["left"]
    assert list(index.find({"knn": {"vector": {"vector": [1, 0], "k": 5}}})) == ["left"]
