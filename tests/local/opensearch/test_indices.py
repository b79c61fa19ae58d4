"""Indices are made as they are declared or not at all; aliases change in one step."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from opensearchpy import OpenSearch

from tests.local.opensearch.conftest import BODY, Index, refusal

ILLEGAL = "illegal_argument_exception"
UNPARSABLE = "mapper_parsing_exception"


def changed(change: Callable[[Any, Any], object]) -> dict[str, Any]:
    """BODY after a change of its settings and of its properties."""
    body: dict[str, Any] = copy.deepcopy(BODY)
    change(body["settings"], body["mappings"]["properties"])
    return body


def test_an_index_is_made_once(client: OpenSearch, index: Index) -> None:
    refused = refusal(client.indices.create, index=index.name, body=BODY)
    assert refused[:2] == (400, "resource_already_exists_exception")
    assert client.indices.exists(index=index.name)


def test_a_name_in_capitals_is_refused(client: OpenSearch, name: str) -> None:
    refused = refusal(client.indices.create, index=name.upper(), body=BODY)
    assert refused[:2] == (400, "invalid_index_name_exception")


@pytest.mark.parametrize(
    ("change", "kind", "reason"),
    [
        (lambda settings, fields: settings["index"].update(knm=True), ILLEGAL, "index.knm"),
        (lambda settings, fields: words(settings).update(tokenizer="kuro"), ILLEGAL, "kuro"),
        (lambda settings, fields: words(settings)["filter"].append("no_such"), ILLEGAL, "no_such"),
        (lambda settings, fields: words(settings).update(char_filter=["no"]), ILLEGAL, "no"),
        (lambda settings, fields: fields["words"].update(analyzer="wrods"), UNPARSABLE, "wrods"),
        (lambda settings, fields: fields["name"].update(type="keywrod"), UNPARSABLE, "keywrod"),
        (lambda settings, fields: fields["name"].update(indx=False), UNPARSABLE, "indx"),
        (lambda settings, fields: fields["vector"].pop("dimension"), UNPARSABLE, "imension"),
    ],
)
def test_what_is_declared_wrongly_is_refused(
    client: OpenSearch, name: str, change: Callable[[Any, Any], object], kind: str, reason: str
) -> None:
    status, found, said = refusal(client.indices.create, index=name, body=changed(change))
    assert (status, found) == (400, kind)
    assert reason in said
    assert not client.indices.exists(index=name)


def test_an_alias_moves_from_one_index_to_another_in_one_step(
    client: OpenSearch, index: Index
) -> None:
    other, alias = f"{index.name}-other", f"{index.name}-alias"
    client.indices.create(index=other, body={**BODY, "aliases": {alias: {}}})
    actions = [
        {"add": {"index": index.name, "alias": alias}},
        {"remove": {"index": other, "alias": alias}},
    ]
    client.indices.update_aliases(body={"actions": actions})
    assert list(client.indices.get_alias(name=alias)) == [index.name]
    assert client.indices.get_alias()[other] == {"aliases": {}}


def test_of_aliases_of_which_one_is_refused_none_changes(client: OpenSearch, index: Index) -> None:
    first, second = f"{index.name}-first", f"{index.name}-second"
    actions = [
        {"add": {"index": index.name, "alias": first}},
        {"add": {"index": f"{index.name}-missing", "alias": second}},
    ]
    refused = refusal(client.indices.update_aliases, body={"actions": actions})
    assert refused[:2] == (404, "index_not_found_exception")
    assert not client.indices.exists_alias(name=first)


def test_an_alias_hides_no_index_and_an_index_no_alias(client: OpenSearch, index: Index) -> None:
    alias = f"{index.name}-alias"
    client.indices.put_alias(index=index.name, name=alias)
    other = refusal(client.indices.create, index=alias, body=BODY)
    assert other[:2] == (400, "invalid_index_name_exception")
    same = refusal(client.indices.put_alias, index=index.name, name=index.name)
    assert same[:2] == (400, "invalid_alias_name_exception")


def test_an_index_is_not_deleted_by_its_alias(client: OpenSearch, index: Index) -> None:
    alias = f"{index.name}-alias"
    client.indices.put_alias(index=index.name, name=alias)
    assert refusal(client.indices.delete, index=alias)[:2] == (400, ILLEGAL)
    client.indices.delete(index=index.name)
    assert not client.indices.exists_alias(name=alias)


def test_a_field_may_be_added_later_but_not_changed(index: Index) -> None:
    put = index.client.indices.put_mapping
    put(index=index.name, body={"properties": {"more": {"type": "keyword"}}})
    index.fill(one={"more": "of it"})
    assert list(index.find({"term": {"more": "of it"}})) == ["one"]
    other = {"properties": {"more": {"type": "text"}}}
    assert refusal(put, index=index.name, body=other)[:2] == (400, ILLEGAL)


def words(settings: Any) -> Any:
    return settings["analysis"]["analyzer"]["words"]
