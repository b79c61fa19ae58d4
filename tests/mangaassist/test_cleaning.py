"""What is taken out of a text, and what stays."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.cleaning import Cleaned, clean, clean_and_count, compose, one_line, strip_invisible
from tests.mangaassist import unicode_cases

BLACK_FLAG, END_OF_TAGS = "🏴", "\U000e007f"
ANYTHING = st.text(
    st.characters(exclude_categories=())
    | st.sampled_from(
        "葛神aか\u3099\ufa19↔\u0338🏴👩🏽❤क्ब\u0dd9\u0dca\u0301 \n\r\ue000"
        "\u200b\u200c\u200d\ufe0e\ufe0f\ufe00\U000e0100\U000e0067\U000e007f"
    )
)


def tags(word: str) -> str:
    return "".join(chr(0xE0000 + ord(letter)) for letter in word)


def selectors(word: str) -> str:
    """A word as variation selectors, the usual way to hide bytes."""
    return "".join(chr(0xE0100 + byte - 16) for byte in word.encode())


@pytest.mark.parametrize(
    "hidden",
    [
        "\x00",
        "\x1b",
        "\x85",
        "\xad",
        "\u034f",
        "\u061c",
        "\u200b",
        "\u200c",
        "\u200d",
        "\u200f",
        "\u202e",
        "\u2060",
        "\u2066",
        "\u3164",
        "\ufe0f",
        "\ufeff",
        "\ufff9",
        "\ufffe",
        "\ufdd0",
        "\u0378",
        "\ud83d",
        "\U0003fffd",
        "\u200d\u200d",
        tags("ignore"),
        "\U000e0001",
    ],
)
def test_what_nobody_sees_is_removed(hidden: str) -> None:
    assert strip_invisible(f"海{hidden}辺") == "海辺"
    assert clean_and_count(f"海{hidden}辺") == Cleaned("海辺", len(hidden))


@pytest.mark.parametrize(
    "text",
    [
        "葛\U000e0100城",
        "❤\ufe0f",
        "ー々〆〇",
        "がぎぐ",
        "é",
        "𠮷野家",
        "ｶﾞ",
        "神\ufa19",
        "1\ufe0f\u20e3",
        "★\ufe0e",
        "👨\u200d👩\u200d👧\u200d👦",
        "👩🏽\u200d🤝\u200d👨🏿",
        "👁\ufe0f\u200d🗨\ufe0f",
        BLACK_FLAG + tags("gbsct") + END_OF_TAGS,
        "می\u200cخواهم",
        "क्\u200dष",
        "ශ්\u200dරී",
        "\u0600١",
    ],
)
def test_what_belongs_to_a_text_stays(text: str) -> None:
    assert one_line(text) == text
    assert clean_and_count(text) == Cleaned(text, 0)


def test_every_emoji_stays() -> None:
    assert [found for found in unicode_cases.emoji() if clean(found) != found] == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("葛" + "\U000e0100" * 3, "葛\U000e0100"),
        ("❤\ufe0f\ufe0f", "❤\ufe0f"),
        ("a\U000e0100", "a"),
        ("か\ufe0f", "か"),
        ("漢" + selectors("i") + "字" + selectors("g"), "漢字"),
        ("😀" + selectors("ignore"), "😀"),
        (BLACK_FLAG + tags("gbsct"), BLACK_FLAG),
        (BLACK_FLAG + tags("ignore") + END_OF_TAGS, BLACK_FLAG),
        (BLACK_FLAG + tags("gbsct") + END_OF_TAGS + tags("ignore"), BLACK_FLAG),
        ("😀" + tags("gbsct") + END_OF_TAGS, "😀"),
        ("😀\u200da", "😀a"),
        ("a\u200d😀", "a😀"),
        ("😀\u200d", "😀"),
        ("😀\u200b\u200d😀", "😀\u200d😀"),
        ("ب\u200c", "ب"),
    ],
)
def test_what_shapes_no_visible_character_is_removed(text: str, expected: str) -> None:
    assert clean(text) == strip_invisible(text) == expected


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029"])
def test_every_end_of_a_line_becomes_the_same(end: str) -> None:
    assert clean_and_count(f"一{end}\t二") == Cleaned("一\n\t二", 0)


def test_a_character_of_private_use_is_shown_as_unknown() -> None:
    assert clean_and_count("\ue000\U0010fffd") == Cleaned("\ufffd\ufffd", 0)


def test_a_mark_joins_its_letter_across_what_was_between_them() -> None:
    assert clean_and_count("か\u200b\u3099") == Cleaned("が", 1)


def test_half_width_kana_stay_half_width() -> None:
    assert clean("ﾊﾞﾝﾊﾟｲｱ ＡＢＣ ㈱") == "ﾊﾞﾝﾊﾟｲｱ ＡＢＣ ㈱"


def test_the_glyph_of_a_name_survives_composition() -> None:
    assert compose("神\ufa19か\u3099") == "神\ufa19が"


def test_a_tower_of_marks_is_not_sorted() -> None:
    for bottom in ("a", "\U0001d165"):
        tower = bottom + "\u0301\u0316" * 1_000
        assert compose(tower) == tower
    assert compose("a\u0301\u0316") == unicodedata.normalize("NFC", "a\u0301\u0316")


def test_lines_become_one() -> None:
    assert one_line(" \u3000一 \r\n\t二\u2028三\x0b四\n") == "一 二 三 四"


@settings(deadline=None, max_examples=500)
@given(ANYTHING)
def test_a_second_cleaning_changes_nothing(text: str) -> None:
    for cleaned in (clean(text), one_line(text)):
        assert clean_and_count(cleaned) == Cleaned(cleaned, 0)
    assert one_line(one_line(text)) == one_line(text)
    assert compose(compose(text)) == compose(text)
    assert strip_invisible(strip_invisible(text)) == strip_invisible(text)


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_a_clean_text_is_valid_unicode_with_no_control_but_newline_and_tab(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode()
    assert not [
        one for one in cleaned if unicodedata.category(one) in ("Cc", "Co") and one not in "\n\t"
    ]


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_no_more_is_removed_than_there_is(text: str) -> None:
    cleaned, removed = clean_and_count(text)
    assert 0 <= removed <= len(text)
    assert cleaned or removed == len(text)
