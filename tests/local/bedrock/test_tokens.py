"""The estimate of tokens."""

from __future__ import annotations

import pytest

from local.bedrock import tokens

TEXTS = [
    "",
    "海辺の町",
    "<id>m00012</id> 2019-04",
    "a b  c\n\t1234５",
    "internationally 3.14é",
    " あ ー",
]


@pytest.mark.parametrize("text", TEXTS)
def test_as_many_tokens_are_counted_as_would_be_written(text: str) -> None:
    assert tokens.count(text) == len(tokens.split(text))
