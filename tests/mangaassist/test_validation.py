"""Which messages are accepted, and what the others are told."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.cleaning import clean
from mangaassist.language import Language
from mangaassist.validation import (
    LONGEST_CLUSTER,
    MESSAGE_BYTES,
    MOST_GRAPHEMES,
    MOST_MARKS,
    MOST_TOKENS,
    SENTENCES,
    Verdict,
    validate_message,
)
from tests.mangaassist import unicode_cases

FAMILY = "👨\u200d👩\u200d👧\u200d👦"
ENGLAND = "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f"
PIECES = st.sampled_from(
    "あ漢鬱a^ \n🎉𠮷\u200d\u0301\u0600\u1112\u200b\ue000\ud83d"
) | st.sampled_from(["か\u3099", "ｶﾞ", "🇯🇵", FAMILY, "葛\U000e0100", "😀\u200d"])
ANYTHING = st.text(st.characters(exclude_categories=())) | st.lists(
    st.tuples(PIECES, st.sampled_from([1, 9, 17, 700, 4_001])).map(lambda pair: pair[0] * pair[1]),
    max_size=3,
).map("".join)

# These are told before anything is cleaned: cleaning may take out what made them so.
NOT_CLEANED = ("too_large", "invalid_unicode")


def code(text: str | bytes) -> str:
    return validate_message(text).code


# The defects of the former rules, each with what is right. Flags, families and rare kanji are few
# characters but many tokens, so that the limit of tokens is what stops them.
@pytest.mark.parametrize(
    ("text", "graphemes", "expected"),
    [
        ("^^", 2, ""),
        ("```", 3, ""),
        ("(´・ω・｀)", 7, ""),
        ("(＾▽＾)", 5, ""),
        ("(￣▽￣)", 5, ""),
        ("^" * 16_000, 16_000, "too_long"),
        ("あ゛", 2, ""),
        ("あ\u3099", 1, ""),
        ("a\u200db", 2, ""),
        ("😀\u200da", 2, ""),
        ("a\u200d" * 4_000, 4_000, ""),
        ("a\u200d" * 4_001, 4_001, "too_long"),
        ("👩🏽\u200d🤝\u200d👨🏿", 1, ""),
        ("👩🏻\u200d❤\ufe0f\u200d💋\u200d👨🏿", 1, ""),
        ("🇯🇵", 1, ""),
        ("🇯🇵🇺", 2, ""),
        (ENGLAND, 1, ""),
        ("ｶﾞ", 1, ""),
        ("ﾊﾞﾝﾊﾟｲｱ", 5, ""),
        ("\u1112\u1161\u11ab", 1, ""),
        ("a\r\nb", 3, ""),
        ("x\n\u0301", 3, ""),
        ("a\u200cb", 2, ""),
        ("น้ำ", 1, ""),
        ("क्षि", 1, ""),
        ("か\u3099" * 2_667, 2_667, ""),
        ("葛\U000e0100" * 2_286, 2_286, "too_complex"),
        (FAMILY * 641, 641, "too_complex"),
        ("🇯🇵" * 2_001, 2_001, "too_complex"),
        ("ｶﾞ" * 2_001, 2_001, ""),
        ("a" + "\u0332" * 7_999, 1, "stacked"),
        ("\ud83d", 0, "invalid_unicode"),
        ("", 0, "empty"),
        (" \n\u3000", 0, "empty"),
        ("\u200b", 0, "empty"),
        ("\x00\x1b", 0, "empty"),
        ("\u2800\u3164", 0, "empty"),
    ],
    ids=ascii,
)
def test_a_message_is_counted_as_people_read_it(text: str, graphemes: int, expected: str) -> None:
    verdict = validate_message(text)
    assert (verdict.graphemes, verdict.code) == (graphemes, expected)


@pytest.mark.parametrize(
    ("character", "most"),
    [
        ("あ", MOST_GRAPHEMES),
        ("漢", MOST_GRAPHEMES),
        ("か\u3099", MOST_GRAPHEMES),
        ("ハ\u309a", MOST_GRAPHEMES),
        ("a", MOST_GRAPHEMES),
        ("가", 3_571),
        ("ｶﾞ", 2_083),
        ("鬱", 1_666),
        ("𠮷", 1_562),
        ("🎉", 1_562),
        ("葛\U000e0100", 1_149),
        ("🇯🇵", 781),
        (FAMILY, 246),
        (ENGLAND, 223),
    ],
    ids=ascii,
)
def test_most_of_one_character(character: str, most: int) -> None:
    assert validate_message(character * most).accepted
    beyond = "too_long" if most == MOST_GRAPHEMES else "too_complex"
    assert code(character * (most + 1)) == beyond


def test_a_message_full_of_flags_and_families_is_too_large_before_anything_else() -> None:
    assert {code("🇯🇵" * 4_000), code(FAMILY * 4_000), code("葛\U000e0100" * 4_000)} == {"too_large"}


def test_the_limit_of_tokens_is_reached_exactly() -> None:
    assert validate_message("🎉" * 1_562 + "!").accepted
    assert validate_message("🎉" * 1_562 + "!!").parameters == {
        "max": MOST_TOKENS,
        "tokens": MOST_TOKENS + 1,
    }


def test_the_limit_of_data_counts_bytes() -> None:
    assert code("a" * MESSAGE_BYTES) == "too_long"
    assert code("a" * (MESSAGE_BYTES + 1)) == "too_large"
    assert code(b"\xff" * (MESSAGE_BYTES + 1)) == "too_large"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a" + "\u0332" * MOST_MARKS, ""),
        ("a" + "\u0332" * (MOST_MARKS + 1), "stacked"),
        ("😀" + "\u200d😀" * (LONGEST_CLUSTER // 2 - 1), ""),
        ("😀" + "\u200d😀" * (LONGEST_CLUSTER // 2), "stacked"),
        ("\u1112" * (LONGEST_CLUSTER + 1), "stacked"),
        ("\u0600" * LONGEST_CLUSTER + "a", "stacked"),
        ("Việt Nam, שָׁלוֹם, ภาษาไทย, مُحَمَّد", ""),
    ],
    ids=ascii,
)
def test_no_more_signs_are_stacked_than_any_writing_needs(text: str, expected: str) -> None:
    assert code(text) == expected


def test_the_place_of_a_stack_is_told() -> None:
    verdict = validate_message("🇯🇵が" + "e" + "\u0332" * 20)
    assert verdict.parameters == {"position": 3}


def test_every_emoji_is_accepted() -> None:
    refused = [found for found in unicode_cases.emoji() if not validate_message(found).accepted]
    assert refused == []


@pytest.mark.parametrize(
    ("raw", "position"),
    [
        (b"abc\xff", 4),
        ("日本".encode()[:-1], 2),
        (b"\xed\xa0\x80", 1),
        ("日本\ud83d", 3),
        (b"\xc0\x80", 1),
    ],
)
def test_what_is_no_unicode_is_told_by_its_place(raw: str | bytes, position: int) -> None:
    assert validate_message(raw) == Verdict("invalid_unicode", {"position": position})


def test_bytes_and_text_get_the_same_verdict() -> None:
    assert validate_message("新刊🎉".encode()) == validate_message("新刊🎉")


def test_an_accepted_message_is_given_clean() -> None:
    verdict = validate_message("か\u3099\u200b新刊\r\n🎉")
    assert verdict == Verdict(text="が新刊\n🎉", graphemes=5, removed=1)
    assert verdict.accepted
    assert verdict.message("ja") == ""


def test_a_message_that_is_too_long_says_how_long_it_is() -> None:
    verdict = validate_message("あ" * 4_567)
    assert verdict.message("ja") == "メッセージが長すぎます（最大4000文字、現在4567文字）"
    assert "at most 4000 characters, now 4567" in verdict.message("en")


REFUSED = ["あ" * 9_000, "a\ud83d", "", "a" + "\u0332" * 9, "あ" * 4_001, "🎉" * 2_001]


def test_every_refusal_has_a_sentence_in_both_languages() -> None:
    verdicts = [validate_message(text) for text in REFUSED]
    assert [verdict.code for verdict in verdicts] == list(SENTENCES)
    for verdict in verdicts:
        for language in Language:
            told = verdict.message(language)
            assert told
            assert all(str(value) in told for value in verdict.parameters.values())


@settings(deadline=None, max_examples=300)
@given(ANYTHING | st.binary())
def test_any_input_gets_a_verdict(text: str | bytes) -> None:
    verdict = validate_message(text)
    assert verdict.accepted == (not verdict.message("ja")) == (not verdict.message("en"))
    assert verdict.accepted <= (0 < verdict.graphemes <= MOST_GRAPHEMES)


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_a_clean_message_gets_the_verdict_of_its_original(text: str) -> None:
    verdict = validate_message(text)
    if verdict.code not in NOT_CLEANED:
        again = validate_message(clean(text))
        assert (again.code, again.parameters) == (verdict.code, verdict.parameters)
        assert again.text == verdict.text


def test_a_message_that_is_too_large_may_be_fine_once_it_is_clean() -> None:
    text = "新刊" + "\u200b" * MESSAGE_BYTES
    assert (code(text), code(clean(text))) == ("too_large", "")


@settings(deadline=None, max_examples=300)
@given(ANYTHING, ANYTHING)
def test_more_text_never_makes_a_message_acceptable(text: str, more: str) -> None:
    refused = validate_message(text).code not in ("", "empty")
    assert refused <= (not validate_message(f"{text}\n{more}").accepted)
