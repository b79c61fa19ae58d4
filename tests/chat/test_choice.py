"""Which model answers: the fast one, unless a message is long or complex."""

from __future__ import annotations

import pytest

from chat.choice import is_demanding, ladder


@pytest.mark.parametrize(
    "message", ["おすすめは？", "傾かない耳の作者は誰ですか", "Any romance manga?", "ありがとう！"]
)
def test_a_simple_message_goes_to_the_fast_model(message: str) -> None:
    assert not is_demanding(message, titles=1)


@pytest.mark.parametrize(
    ("message", "titles"),
    [
        ("漫画の話です。" * 100, 0),
        ("この二作の違いは？", 2),
        ("これら", 3),
        ("Compare the two", 0),
        ("どれ？なに？いつ？", 0),
    ],
)
def test_a_long_or_complex_message_goes_to_the_strong_model(message: str, titles: int) -> None:
    assert is_demanding(message, titles)


def test_the_fast_model_helps_the_strong_one_and_itself() -> None:
    assert ladder("比較して", 2, "fast", "strong") == ("strong", "fast")
    assert ladder("おすすめは？", 0, "fast", "strong") == ("fast", "fast")
