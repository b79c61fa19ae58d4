"""A text is most like the name that it means."""

from __future__ import annotations

import pytest

from mangaassist.search.likeness import LONGEST, forms_of_name, forms_of_text, likeness, pieces
from tests.mangaassist.search.meant import MEANT, NAMES


def closest(text: str, names: dict[str, list[str]]) -> str:
    forms = forms_of_text(text)
    return max(names, key=lambda id: likeness(forms, names[id]))


@pytest.mark.parametrize(
    ("text", "id"),
    MEANT,
)
def test_a_text_is_most_like_the_name_that_it_means(text: str, id: str) -> None:
    assert closest(text, NAMES) == id


def test_a_text_without_any_piece_of_a_name_is_not_like_it() -> None:
    assert likeness(forms_of_text("送料"), NAMES["C1"]) == 0
    assert likeness(forms_of_text(""), NAMES["C1"]) == likeness(forms_of_text("映画"), []) == 0


def test_a_name_in_full_is_wholly_alike() -> None:
    assert likeness(forms_of_text("傾かない耳"), NAMES["C3"]) == pytest.approx(1)


def test_a_name_that_has_the_whole_text_goes_before_one_that_begins_like_it() -> None:
    names = {"A": ["画劇団の夜明け"], "B": ["サンデー映画劇場の長い長い一日"], "C": ["画場"]}
    assert closest("画劇場", names) == "B"


def test_pieces_of_a_reading_are_kana_and_latin_letters() -> None:
    assert pieces(forms_of_name("ミミ")) == ["^ミ", "~^mi", "~imi", "~mim", "ミミ"]


def test_no_more_of_a_text_is_cut_than_a_name_may_have() -> None:
    assert len(pieces(forms_of_text("一二三四五六七八九十" * 100))) <= LONGEST
