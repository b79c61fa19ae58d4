"""A character is what a reader takes for one."""

from __future__ import annotations

import pytest
import pyuegc
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist.graphemes import PLAIN, Graphemes, count_grapheme_clusters, measure
from tests.mangaassist import unicode_cases

# Newer versions of Unicode than that of the cases take ✁ (U+2701) for no pictograph.
CHANGED = {"\u2701\u200d\u2701"}
# Where an Indic virama follows no consonant, regex joins the next one all the same; nobody writes
# that. Assigned characters alone, because the two libraries know different versions.
ALPHABET = st.sampled_from(
    "a^é漢かｶＡ葛가각 \r\n\t\x01\u0301\u3099ﾞ\u200d\u200c\ufe0f\U000e0100❤😀👍🏽🏴🇯🇵\u0600\u0903क"
    "\u1112\u1161\u11ab\U000e0067\U000e007f"
)
RUNS = st.tuples(ALPHABET, st.integers(1, 8)).map(lambda pair: pair[0] * pair[1])


def measured(clusters: list[str]) -> Graphemes:
    return Graphemes(len(clusters), [cluster for cluster in clusters if len(cluster) > 2])


def test_every_official_case_is_split_as_unicode_splits_it() -> None:
    cases = {"".join(case): measured(case) for case in unicode_cases.grapheme_breaks()}
    assert {text for text, split in cases.items() if measure(text, 2) != split} <= CHANGED


def test_every_emoji_is_one_character() -> None:
    assert [found for found in unicode_cases.emoji() if count_grapheme_clusters(found) != 1] == []


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("こんにちは", 5),
        ("^^", 2),
        ("```", 3),
        ("(´・ω・｀)", 7),
        ("(＾▽＾)", 5),
        ("(￣▽￣)", 5),
        ("あ゛", 2),
        ("あ\u3099", 1),
        ("a\u200db", 2),
        ("😀\u200da", 2),
        ("👩🏽\u200d🤝\u200d👨🏿", 1),
        ("👨\u200d👩\u200d👧\u200d👦", 1),
        ("🇯🇵", 1),
        ("🇯🇵🇺", 2),
        ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f", 1),
        ("ｶﾞ", 1),
        ("ﾊﾞﾝﾊﾟｲｱ", 5),
        ("\u1112\u1161\u11ab", 1),
        ("a\r\nb", 3),
        ("\n\u0301", 2),
        ("é\n\u0301\u0301\n\u0301", 5),
        ("é\x01\u200d😀\r\u0301\r\n", 7),
        ("a\u200cb", 2),
        ("น้ำ", 1),
        ("क्षि", 1),
        ("1\ufe0f\u20e3", 1),
        ("𠮷", 1),
        ("葛\U000e0100", 1),
    ],
)
def test_a_character_is_what_a_reader_takes_for_one(text: str, count: int) -> None:
    assert count_grapheme_clusters(text) == count


@settings(deadline=None, max_examples=300)
@given(st.text(ALPHABET) | st.lists(RUNS).map("".join))
def test_another_implementation_splits_the_same(text: str) -> None:
    assert measure(text, 2) == measured(pyuegc.EGC(text))


@settings(deadline=None, max_examples=300)
@given(st.text(ALPHABET | st.characters()))
def test_both_ways_of_counting_agree(text: str) -> None:
    assert count_grapheme_clusters(text) == measure(text, 2).total


@pytest.mark.parametrize("length", [1_001, 32_000])
def test_a_row_of_flags_is_counted_in_pairs(length: int) -> None:
    assert count_grapheme_clusters("🇯" * length) == (length + 1) // 2


def test_plain_characters_join_nothing_to_each_other() -> None:
    plain = regex.findall(PLAIN, "".join(map(chr, range(0x10000))))
    joining = regex.compile(r"[^\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}\p{GCB=Control}\n]")
    assert [one for one in plain if joining.match(one)] == []
