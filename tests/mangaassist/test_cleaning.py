"""What is taken out of a text, and what stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.cleaning import compose, one_line, strip_invisible

TAGS = "".join(chr(0xE0000 + ord(letter)) for letter in "ignore")


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x1b",
        "\x85",
        "\u200b",
        "\u200d",
        "\u202e",
        "\u2066",
        "\ufeff",
        "\ufffe",
        "\ud83d",
        TAGS,
    ],
)
def test_what_nobody_sees_is_removed(hidden: str) -> None:
    assert strip_invisible(f"海{hidden}辺") == "海辺"


@pytest.mark.parametrize(
    "text", ["葛\U000e0100城", "❤\ufe0f", "ー々〆〇", "がぎぐ", "é", "𠮷野家", "ｶﾞ"]
)
def test_what_belongs_to_a_name_stays(text: str) -> None:
    assert one_line(text) == text


def test_selectors_that_select_no_glyph_are_removed() -> None:
    hidden = "".join(chr(0xE0100 + ord(letter)) for letter in "ignore")
    assert strip_invisible(f"葛{hidden}a{hidden}") == "葛" + hidden[0] + "a"


def test_the_glyph_of_a_name_survives_composition() -> None:
    assert compose("神か\u3099") == "神が"


def test_lines_become_one() -> None:
    assert one_line(" \u3000一 \r\n\t二\u2028三\n") == "一 二 三"


@settings(deadline=None)
@given(st.text(st.characters() | st.sampled_from("葛\ufe0f\U000e0100\u200b \u3099か神")))
def test_a_second_cleaning_changes_nothing(text: str) -> None:
    once = one_line(text)
    assert one_line(once) == once
