"""Of the copies of a title in one answer, the newest stays."""

from __future__ import annotations

from typing import Any

from mangaassist.search.hits import newest


def hit(id: str, title: str, version: int) -> dict[str, Any]:
    return {"_id": id, "_score": 1.0, "_source": {"title": title, "version": version}}


def test_older_copies_are_left_out_and_the_order_stays() -> None:
    hits = [hit("a", "C1", 1), hit("b", "C2", 5), hit("c", "C1", 3), hit("d", "C1", 2)]
    assert [one["_id"] for one in newest(hits)] == ["b", "c"]


def test_of_copies_of_one_version_the_same_one_stays_for_everybody() -> None:
    one, other = hit("a", "C1", 1), hit("b", "C1", 1)
    assert newest([one, other]) == newest([other, one]) == [other]
