"""Names are found by what resembles them."""

from __future__ import annotations

import pytest

from mangaassist.search.resemblance import Resemblance
from tests.mangaassist.search.meant import MEANT, NAMES

ENTRIES = [(id, name) for id, names in NAMES.items() for name in names]


@pytest.mark.parametrize(
    ("text", "id"),
    MEANT,
)
def test_the_closest_name_comes_first(text: str, id: str) -> None:
    assert Resemblance(ENTRIES).find(text, 5)[0].id == id


def test_a_text_without_any_piece_of_a_name_finds_nothing() -> None:
    assert Resemblance(ENTRIES).find("送料", 5) == []
    assert Resemblance([]).find("映画", 5) == []


def test_each_title_is_found_once_and_no_more_than_wanted() -> None:
    found = Resemblance([("C1", "映画"), ("C1", "映画"), ("C2", "映画館")]).find("映画", 5)
    assert [match.id for match in found] == ["C1", "C2"]
    assert len(Resemblance(ENTRIES).find("サンデー映画", 1)) == 1


def test_a_name_in_full_is_wholly_alike() -> None:
    assert Resemblance(ENTRIES).find("傾かない耳", 1)[0].likeness == pytest.approx(1)


def test_a_name_that_has_the_whole_text_goes_before_one_that_begins_like_it() -> None:
    names = [("A", "画劇団の夜明け"), ("B", "サンデー映画劇場の長い長い一日"), ("C", "画場")]
    assert next(match.id for match in Resemblance(names).find("画劇場", 3)) == "B"
