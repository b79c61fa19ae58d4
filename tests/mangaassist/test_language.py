"""Which of our languages a reader wants."""

from __future__ import annotations

import pytest

from mangaassist.language import Language, accepted, named


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.JA),
        ("en", Language.EN),
        ("EN-gb", Language.EN),
        ("fr;q=0.9, en;q=0.5, ja;q=0.4", Language.EN),
        ("en;q=0.2, ja", Language.JA),
        ("en;q=0, *", Language.JA),
        ("fr", Language.JA),
        ("\0 nonsense;;q=x", Language.JA),
    ],
)
def test_the_best_accepted_language_is_chosen(header: str, language: Language) -> None:
    assert accepted(header) is language


@pytest.mark.parametrize("name", ["", "EN", "en-GB", "fr", None, 1, ["en"]])
def test_only_an_exact_name_names_a_language(name: object) -> None:
    assert named(name) is None
    assert named("en") is Language.EN
