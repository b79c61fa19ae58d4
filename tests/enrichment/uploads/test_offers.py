"""Prices, volumes and stock are read as shops write them, and what is unclear is not guessed."""

from __future__ import annotations

import pytest

from enrichment.uploads import Row, RowError
from enrichment.uploads.offers import EXAMPLES, offer
from tests.enrichment.uploads.reading import good, rows


@pytest.mark.parametrize(
    ("column", "text", "value"),
    [
        ("price", "748", "748"), ("price", "１，７４８円", "1748"), ("price", "税込 ¥748", "748"),
        ("price", "￥1,748（税込）", "1748"), ("price", "748.00", "748"), ("price", "JPY 748", ""),
        ("price", "0", ""), ("price", "時価", ""), ("price", "680円（税抜）", ""),
        ("price", "1,74", ""), ("price", "12345678", ""), ("volumes", "全３巻", "3"),
        ("volumes", "12 vols.", "12"),
        ("volumes", "既刊5巻", "5"), ("volumes", "5巻(完結)", "5"), ("volumes", "上下巻", ""),
        ("availability", "在庫あり", "in_stock"), ("availability", "Sold out", "out_of_stock"),
        ("availability", "○", "in_stock"), ("availability", "×", "out_of_stock"),
        ("availability", "予約受付中", "preorder"), ("availability", "お取り寄せ", "backorder"),
        ("availability", "12", "in_stock"), ("availability", "0冊", "out_of_stock"),
        ("availability", "back-order", "backorder"), ("availability", "たぶん", ""),
    ],
)  # fmt: skip
def test_a_value_is_read_as_it_is_meant(column: str, text: str, value: str) -> None:
    assert offer(column, text) == value


@pytest.mark.parametrize("column", EXAMPLES)
def test_the_examples_that_a_message_gives_are_right(column: str) -> None:
    examples = EXAMPLES[column].split(", ")
    assert all(offer(column, example) for example in examples)


def test_columns_are_known_by_their_japanese_headers() -> None:
    (title,) = good('作品ID,タイトル,税込価格,在庫数,巻数\nC1,一,"1,748円",3,全2巻\n')
    assert (title.price, title.availability, title.volumes) == ("1748", "in_stock", "2")


def test_numbers_of_json_are_taken() -> None:
    (title,) = good('{"id": "C1", "titleJp": "一", "price": 748, "stock": 0, "volumes": 2}\n')
    assert (title.price, title.availability, title.volumes) == ("748", "out_of_stock", "2")


def test_an_unclear_value_is_told_with_what_to_write() -> None:
    _, error = rows("id,titleJp,価格\nC1,一,時価\n")
    assert isinstance(error, RowError)
    assert (error.field, error.code) == ("price", "unknown_value")
    assert error.parameters == {"value": "時価", "examples": EXAMPLES["price"]}


def test_an_unclear_value_costs_itself_alone() -> None:
    row, error = rows("id,titleJp,価格,在庫\nC1,一,時価,あり\n")
    assert isinstance(row, Row)
    assert isinstance(error, RowError)
    assert (row.title.price, row.title.availability, error.taken) == (None, "in_stock", True)
    assert error.text("en").endswith("The row is taken; only this value stays as it is.")


def test_a_bad_row_with_an_unclear_value_is_not_taken() -> None:
    found = [row for row in rows("id,titleJp,価格\n!,一,時価\n") if isinstance(row, RowError)]
    assert [(error.field, error.taken) for error in found] == [("id", False), ("price", False)]


def test_an_empty_value_is_none_and_an_absent_column_says_nothing() -> None:
    (title,) = good("id,titleJp,価格\nC1,一,\n")
    assert (title.price, title.volumes) == ("", None)
