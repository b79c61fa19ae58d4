"""Lists of found titles become one order."""

from __future__ import annotations

from typing import Any

import pytest

from mangaassist.search.likeness import forms_of_text
from mangaassist.search.ranking import by_likeness, cosine, fuse, near


def hit(id: str, score: float, *names: str) -> dict[str, Any]:
    return {"_id": "0", "_score": score, "_source": {"title": id, "names": list(names)}}


def test_the_name_itself_comes_first_whatever_the_server_thinks() -> None:
    hits = [hit("A", 9, "傾かない耳の国"), hit("B", 5, "傾かない耳"), hit("C", 7, "傾く鼻")]
    found = by_likeness(hits, [forms_of_text("傾かない耳")])
    assert [match.id for match in found] == ["B", "A", "C"]
    assert found[0].likeness == 1


def test_a_name_counts_by_the_text_that_it_is_most_like() -> None:
    texts = [forms_of_text("今日は"), forms_of_text("傾かない耳")]
    assert by_likeness([hit("A", 1, "傾かない耳")], texts)[0].likeness == 1


def test_names_that_are_equally_like_keep_the_servers_order() -> None:
    hits = [hit("A", 1, "果て"), hit("B", 2, "果て"), hit("C", 2, "果て")]
    found = by_likeness(hits, [forms_of_text("果て")])
    assert [match.id for match in found] == ["B", "C", "A"]


def test_what_is_high_in_several_lists_is_better_than_the_first_of_one() -> None:
    assert fuse([["A", "B", "C"], ["B", "D"], []], 3) == ["B", "A", "D"]


@pytest.mark.parametrize(("score", "wanted"), [(2.0, 1.0), (1.3, 0.3), (1.0, 0.0), (0.5, -1.0)])
def test_a_score_tells_the_cosine(score: float, wanted: float) -> None:
    assert cosine(score) == pytest.approx(wanted)


def test_what_is_far_off_means_something_else() -> None:
    assert near([hit("A", 1.6), hit("B", 1.1), hit("C", 0.8)]) == ["A"]
