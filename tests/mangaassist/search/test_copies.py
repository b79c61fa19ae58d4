"""Each write adds a copy of a title, and none goes before a newer one is seen."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from mangaassist.embedding import DIMENSIONS
from mangaassist.errors import Rejected
from mangaassist.search import copies, indices, queries
from mangaassist.search.client import opensearch
from mangaassist.search.copies import Title
from mangaassist.search.documents import document
from mangaassist.search.hits import title_of
from mangaassist.search.likeness import forms_of_text

VECTOR = [1.0] + [0.0] * (DIMENSIONS - 1)
PATIENCE = 30  # seconds


def title(name: str, version: int = 1, id: str = "C1") -> Title:
    return Title(id, version, document([name], "", VECTOR))


def found(name: str, index: str = "") -> list[str]:
    """The titles whose copies a search sees, one for each copy."""
    query = queries.by_names([forms_of_text(name)])
    answer = opensearch().search(index=index or indices.alias(), body=query)
    return [title_of(hit) for hit in answer["hits"]["hits"]]


def until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.usefixtures("either_service")
class TestCopies:
    def test_the_newest_is_left_in_whatever_order_they_came(self, own_index: str) -> None:
        for version, name in ((2, "傾かない耳"), (1, "日常の果て"), (3, "猫の手")):
            assert copies.write([title(name, version)], [own_index]) == {}
        assert copies.settle(own_index, {"C1": 3}) == set()
        assert (found("猫の手"), found("傾かない耳"), found("日常の果て")) == (["C1"], [], [])

    def test_a_repeated_write_leaves_one(self, own_index: str) -> None:
        copies.write([title("傾かない耳"), title("傾かない耳")], [own_index])
        assert copies.settle(own_index, {"C1": 1}) == set()
        assert found("傾かない耳") == ["C1"]

    def test_a_title_that_is_gone_does_not_come_back_late(self, own_index: str) -> None:
        copies.write([title("傾かない耳", version=1), Title("C1", 3, None)], [own_index])
        assert copies.settle(own_index, {"C1": 3}) == set()
        copies.write([title("傾かない耳", version=2)], [own_index])
        assert copies.settle(own_index, {"C1": 2}) == set()
        assert found("傾かない耳") == []

    def test_what_is_not_seen_is_named_and_nothing_is_deleted_for_it(self, own_index: str) -> None:
        copies.write([title("傾かない耳", version=1)], [own_index])
        assert copies.settle(own_index, {"C1": 2, "C2": 1}) == {"C1", "C2"}
        assert found("傾かない耳") == ["C1"]

    def test_a_document_that_does_not_fit_is_refused_alone(self, own_index: str) -> None:
        odd = Title("C2", 1, document(["耳"], "", [1.0]))
        refused = copies.write([odd, title("傾かない耳")], [own_index])
        assert {id: type(failure) for id, failure in refused.items()} == {"C2": Rejected}
        assert found("傾かない耳") == ["C1"]

    def test_a_write_goes_to_the_indices_that_are_named(self, own_index: str) -> None:
        new = indices.create()
        copies.write([title("傾かない耳")], [new])
        assert (found("傾かない耳"), found("傾かない耳", new)) == ([], ["C1"])


@pytest.mark.usefixtures("lagging")
class TestLag:
    def test_a_title_is_found_at_any_time_of_a_change(self, own_index: str) -> None:
        copies.write([title("傾かない耳", version=1)], [own_index])
        until(lambda: not copies.settle(own_index, {"C1": 1}))
        copies.write([title("傾かない耳の国", version=2)], [own_index])
        answers = []

        def is_settled() -> bool:
            answers.append(found("傾かない耳"))
            return not copies.settle(own_index, {"C1": 2})

        until(is_settled)
        assert set(map(tuple, answers)) <= {("C1",), ("C1", "C1")}
        assert found("傾かない耳") == ["C1"]

    def test_a_new_index_shows_nothing_at_first(self, own_index: str) -> None:
        name = indices.create()
        copies.write([title("傾かない耳")], [name])
        assert copies.settle(name, {"C1": 1}) == {"C1"}
        until(lambda: not copies.settle(name, {"C1": 1}))
