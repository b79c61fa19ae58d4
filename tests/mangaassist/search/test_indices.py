"""Titles lie in the index as they were read last, also while another index is built."""

from __future__ import annotations

from typing import Any

import pytest

from mangaassist.embedding import DIMENSIONS
from mangaassist.errors import Misconfigured, Rejected
from mangaassist.search import indices, queries
from mangaassist.search.client import opensearch
from mangaassist.search.documents import document
from mangaassist.search.indices import Title
from mangaassist.search.likeness import forms_of_text
from tests.mangaassist.conftest import own_index

__all__ = ["own_index"]

VECTOR = [1.0] + [0.0] * (DIMENSIONS - 1)


def title(name: str, version: int = 1, id: str = "C1") -> Title:
    return Title(id, version, document([name], "", VECTOR))


def found(name: str, index: str = "") -> list[str]:
    query = queries.by_names([forms_of_text(name)])
    answer = opensearch().search(index=index or indices.alias(), body=query)
    return [hit["_id"] for hit in answer["hits"]["hits"]]


def test_what_was_read_earlier_never_takes_the_place_of_what_was_read_later(own_index: str) -> None:
    assert indices.write([title("傾かない耳", version=2)], [own_index]) == {}
    assert indices.write([title("日常の果て", version=1)], [own_index]) == {}
    assert (found("傾かない耳"), found("日常の果て")) == (["C1"], [])


def test_a_title_that_is_gone_does_not_come_back_late(own_index: str) -> None:
    indices.write([title("傾かない耳", version=1)], [own_index])
    assert indices.write([Title("C1", 3, None), Title("C2", 3, None)], [own_index]) == {}
    indices.write([title("傾かない耳", version=2)], [own_index])
    assert found("傾かない耳") == []


def test_a_document_that_does_not_fit_is_refused_alone(own_index: str) -> None:
    odd = Title("C2", 1, document(["耳"], "", [1.0]))
    refused = indices.write([odd, title("傾かない耳")], [own_index])
    assert {id: type(failure) for id, failure in refused.items()} == {"C2": Rejected}
    assert found("傾かない耳") == ["C1"]


def test_changes_go_to_an_index_that_is_being_built_and_searches_do_not(own_index: str) -> None:
    new = indices.create()
    assert indices.written() == sorted([own_index, new])
    indices.write([title("傾かない耳")], [new])
    assert (found("傾かない耳"), found("傾かない耳", new)) == ([], ["C1"])


def test_a_switch_leaves_one_index_that_is_searched_and_written(own_index: str) -> None:
    left_over, new = indices.create(), indices.create()
    indices.write([title("傾かない耳")], [new])
    assert indices.switch(new) == sorted([own_index, left_over])
    assert indices.searched() == indices.written() == [new]
    assert found("傾かない耳") == ["C1"]


def test_without_an_index_somebody_has_to_make_one(settings: Any) -> None:
    settings.OPENSEARCH_INDEX = "nobody-made-it"
    assert indices.searched() == []
    with pytest.raises(Misconfigured, match=r"manage\.py provision"):
        indices.written()
