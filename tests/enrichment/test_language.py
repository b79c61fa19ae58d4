"""Which language a text is judged to be in."""

from __future__ import annotations

import pytest

from enrichment.language import share
from mangaassist.language import Language


@pytest.mark.parametrize(
    ("text", "japanese", "english"),
    [
        ("ひまわり探偵", 1, 0),
        ("Sunflower", 0, 1),
        ("SF漫画", 0.5, 0.5),
        ("!? 1999", 0, 0),
        ("탐정", 0, 0),
    ],
)
def test_letters_are_counted_by_script(text: str, japanese: float, english: float) -> None:
    assert (share(text, Language.JA), share(text, Language.EN)) == (japanese, english)
