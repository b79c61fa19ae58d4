"""What a row would do to a title, by what it says of it."""

from __future__ import annotations

import pytest

from enrichment.changes import Change, Text, judge

KNOWN = {"title_jp": "猫", "creator": "山田", "note": None, "price": "748", "volumes": None}


@pytest.mark.parametrize(
    ("row", "change"),
    [
        ({"title_jp": "猫", "creator": "山田", "price": "748"}, Change.UNCHANGED),
        ({"title_jp": "猫"}, Change.UNCHANGED),
        ({"title_jp": "猫", "creator": None, "price": None}, Change.UNCHANGED),
        ({"title_jp": "猫", "note": ""}, Change.UNCHANGED),
        ({"title_jp": "猫", "price": "800"}, Change.OFFER),
        ({"title_jp": "猫", "volumes": "3"}, Change.OFFER),
        ({"title_jp": "猫", "price": ""}, Change.OFFER),
        ({"title_jp": "猫", "volumes": ""}, Change.OFFER),  # The catalogue may have them.
        ({"title_jp": "猫", "creator": "", "price": "800"}, Change.CHANGED),
        ({"title_jp": "犬", "price": "748"}, Change.CHANGED),
    ],
)
def test_a_row_is_judged_by_what_it_says(row: dict[str, str | None], change: Change) -> None:
    assert judge(row, KNOWN, Text.CURRENT) == change


def test_a_title_that_is_not_there_is_new() -> None:
    assert judge({"title_jp": "猫"}, None, Text.NONE) == Change.NEW


@pytest.mark.parametrize("name", ["猫", "犬"])
@pytest.mark.parametrize("price", ["748", "800"])
def test_a_row_whose_text_is_wanting_or_old_gets_one(name: str, price: str) -> None:
    row = {"title_jp": name, "price": price}
    assert judge(row, KNOWN, Text.NONE) == Change.NEW
    assert judge(row, KNOWN, Text.OLD) == Change.CHANGED
