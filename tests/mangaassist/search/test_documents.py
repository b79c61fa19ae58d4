"""What the index holds of a title is made of its names, and of what was written about it."""

from __future__ import annotations

from mangaassist.search.documents import MOST_EMBEDDED, document, embedded, words


def test_names_lie_in_the_index_as_they_are_compared() -> None:
    made = document(["傾かない耳", "カタムカナイミミ", "", "傾かない耳"], "", [0.123456789, 1])
    assert made["names"] == ["傾かない耳", "カタムカナイミミ"]
    assert made["folded"] == ["カタムカナイミミ", "傾カナイ耳"]
    assert {"^傾", "傾カ", "ミミ", "~^ka", "~imi"} <= set(made["pieces"].split())
    assert made["vector"] == [0.12346, 1]


def test_words_are_what_was_written_in_both_languages() -> None:
    row = {
        "titleJp": "傾かない耳",
        "enrichment": {
            "tags": {"ja": ["日常", "町"], "en": ["slice of life"], "item": 7},
            "synopsis": {"ja": "静かな町。", "lastUpdated": "2026-11-25"},
            "lastUpdated": 7,
        },
    }
    assert words(row) == "静かな町。\n日常、町\nslice of life"
    assert words({}) == ""


def test_a_vector_stands_for_names_and_words_as_far_as_the_model_reads() -> None:
    assert embedded(["傾かない耳", "つづき春"], "静かな町。") == "傾かない耳\nつづき春\n静かな町。"
    assert len(embedded(["耳"], "静" * 5_000)) == MOST_EMBEDDED
