"""A reading and what people type for it in Latin letters have one spelling."""

from __future__ import annotations

import pytest

from mangaassist.search.spelling import respell, spell


@pytest.mark.parametrize(
    ("reading", "typed"),
    [
        ("シンゲキノキョジン", ["Shingeki no Kyojin", "singeki no kyozin"]),
        ("じょじょ", ["jojo", "zyozyo", "jyojyo"]),
        ("シンブン", ["shimbun", "sinbun", "shinbun"]),
        ("トウキョウ", ["Tōkyō", "tokyo", "toukyou"]),
        ("マッチャ", ["matcha", "maccha", "mattya"]),
        ("ファイト", ["faito"]),
        ("ラーメンヲ", ["la-men wo", "ramen o"]),
    ],
)
def test_all_systems_give_one_spelling(reading: str, typed: list[str]) -> None:
    assert {respell(text) for text in typed} == {spell(reading)}


def test_a_name_with_kanji_has_no_spelling() -> None:
    assert spell("進撃のキョジン") == respell("進撃 no kyojin") == ""
