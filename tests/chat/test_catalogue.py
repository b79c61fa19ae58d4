"""Titles are recognised by their names in a message."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.catalogue import MOST_FOUND, Index, search_key

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
    key = search_key(name)
    found = Index([("X-1", name)]).find(f"{before}{name}{after}")
    assert (found == ["X-1"]) or len(key) < 2 or key not in search_key(f"{before}{name}{after}")
