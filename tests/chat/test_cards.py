"""A card shows what the catalogue's row has, and what is not there is not shown."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema

from chat import cards, follow_ups
from chat.cards import Card, card
from chat.follow_ups import titles

SCHEMA = json.loads(Path(follow_ups.__file__).with_name("card_schema.json").read_text())

ROW = {
    "titleJp": "傾かない耳", "creator": "つづき春", "volumes": "3", "price": Decimal(748),
    "availability": "in_stock",
    "enrichment": {
        "synopsis": {"ja": "静かな町の物語です。耳が鳴ります。", "en": "A quiet town. It rings."},
        "tags": {"ja": ["日常", "町"], "en": ["slice of life"]},
    },
}  # fmt: skip


def test_a_card_has_what_the_row_has(settings: Any) -> None:
    settings.STORE_TITLE_URL = "https://shop.example/t/{id}?from=chat"
    shown = card("C/1", "一", ROW, "ja").shown()
    assert shown == {
        "id": "C/1", "title": "傾かない耳", "creator": "つづき春", "tags": ["日常", "町"],
        "about": "静かな町の物語です。", "volumes": 3, "price": 748, "availability": "in_stock",
        "url": "https://shop.example/t/C%2F1?from=chat",
    }  # fmt: skip
    jsonschema.validate(shown, SCHEMA)


def test_a_card_is_in_the_shoppers_language() -> None:
    english = card("C1", "一", ROW, "en")
    assert (english.about, english.tags) == ("A quiet town.", ("slice of life",))


def test_a_title_without_a_row_has_its_name_alone() -> None:
    assert card("C1", "一", {}, "ja").shown() == {"id": "C1", "title": "一"}


def test_what_is_no_price_and_no_known_word_is_left_out() -> None:
    row = {"price": "時価", "volumes": "3.5", "availability": "maybe", "titleJp": ""}
    assert card("C1", "一", row, "ja") == Card("C1", "一")


def test_a_long_pitch_is_cut() -> None:
    row = {"enrichment": {"pitch": {"ja": "長い" * 200}}}
    about = card("C1", "一", row, "ja").about
    assert len(about) == cards.LONGEST_ABOUT
    assert about.endswith("…")


def test_a_long_list_of_creators_is_cut() -> None:
    creator = card("C1", "一", {"creator": "つづき春、" * 1_000}, "ja").creator
    assert len(creator) == cards.LONGEST_CREATOR
    assert creator.endswith("…")


def test_cards_are_read_as_they_were_stored() -> None:
    stored = card("C1", "一", ROW, "ja")
    kept = {name: Decimal(it) if isinstance(it, int) else it for name, it in stored.shown().items()}
    assert cards.read([kept]) == (stored,)


def test_follow_ups_come_from_the_titles_of_the_answer() -> None:
    shown = titles(
        [Card("C1", "一", "[原作]つづき春 / [画]川上", ("日常",)), Card("C2", "二")], "ja"
    )
    assert shown["suggestions"] == [
        "『一』と『二』の違いは？", "「日常」の漫画をもっと教えて", "つづき春のほかの作品は？",
    ]  # fmt: skip
    assert titles([Card("C1", "一")], "en")["suggestions"] == ["What is similar to “一”?"]
    assert titles([], "ja") == {}
