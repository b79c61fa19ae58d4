"""Titles are recognised by their names in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.catalogue import MOST_FOUND, Index, names_a_genre, tells, wishes
from mangaassist.search.folding import fold

NAMES = [
    ("C1", "傾かない耳"), ("C1", "カタムカナイミミ"), ("C2", "日常"), ("C3", "日常の果て"),
    ("C4", "ＢＬＵＥ　ＧＩＡＮＴ"), ("C5", "Dr.STONE"), ("C6", "あ"), ("C7", "日常"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "ids"),
    [
        ("「傾かない耳」はどんな話ですか？", ["C1"]),
        ("かたむかないみみ のあらすじ", ["C1"]),
        ("日常の果てって面白い？", ["C3"]),
        ("日常がすき", ["C2", "C7"]),
        ("is blue giant any good?", ["C4"]),
        ("Dr. Stone と傾かない耳", ["C5", "C1"]),
        ("c4の続きは？", ["C4"]),
        ("あ、そうだ", []),
        ("", []),
    ],
)
def test_a_message_names_titles_in_any_writing(message: str, ids: list[str]) -> None:
    assert Index(NAMES).find(message) == ids


def test_no_more_titles_are_found_than_a_prompt_holds() -> None:
    names = [(f"C{n}", "同じ題名") for n in range(20)]
    assert len(Index(names).find("同じ題名")) == MOST_FOUND


@given(st.text(max_size=30), st.text(max_size=30), st.text(max_size=30))
def test_a_title_is_found_wherever_it_is_named(before: str, name: str, after: str) -> None:
    key = fold(name)
    found = Index([("X-1", name)]).find(f"{before}{name}{after}")
    assert (
        (found == ["X-1"])
        or len(key) < 2
        or not tells(key)
        or key not in fold(f"{before}{name}{after}")
    )


@pytest.mark.parametrize(
    ("message", "ids"),
    [
        ("傾かない耳朶ってある？", ["C1"]),
        ("「日常の果」の続きは？", ["C3"]),
        ("do you have katamukanai mimi", ["C1"]),
        ("送料はいくらですか？", []),
        ("What is the shipping cost?", []),
        ("", []),
    ],
)
def test_a_message_nearly_names_titles(message: str, ids: list[str]) -> None:
    assert Index(NAMES).nearly(wishes(message)) == ids


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ("料理マンガが読みたい", ["料理"]),
        ("泣ける漫画を教えて", ["泣ける"]),
        ("バスケ", ["バスケ"]),
        ("猫の漫画ある？", ["猫"]),
        ("「3月」と「BM」", ["3月", "BM"]),
        ("ありがとうね", []),
        ("はい、ok", []),
    ],
)
def test_a_short_word_with_a_meaning_is_a_wish(message: str, parts: list[str]) -> None:
    assert wishes(message) == parts


@pytest.mark.parametrize(
    ("message", "genre"),
    [
        ("料理マンガが読みたい", True), ("romance manga please", True),
        ("ひまわり探偵の漫画ある？", False), ("「料理」漫画", False), ("漫画を教えて", False),
    ],
)  # fmt: skip
def test_a_genre_is_told_from_the_manga_of_a_name(message: str, genre: bool) -> None:
    assert names_a_genre(message) == genre


def test_a_reading_in_latin_letters_names_a_title() -> None:
    assert Index(NAMES).find("do you have Katamukanai Mimi?") == ["C1"]


def test_words_and_short_sounds_name_a_title_only_where_they_stand_alone() -> None:
    index = Index([("T1", "漫画"), ("T2", "アリ"), ("T3", "アール")])
    assert index.find("面白い少年漫画ありますか") == []
    assert index.find("「アリ」って何？") == ["T2"]
    assert index.find("アール、読みたい") == ["T3"]


def test_a_title_goes_before_the_other_titles_of_its_creator() -> None:
    made = [(f"C{n}", name) for n in range(8) for name in (f"第{n}番の家", "つづきはるこ")]
    found = Index(made).find("つづきはるこの「第7番の家」は？")
    assert found[0] == "C7"
    assert Index(made).find("つづきはるこの漫画")[:1] == ["C0"]
