"""How errors read."""

from __future__ import annotations

import re
from string import Formatter

import pytest

from enrichment.uploads import RowError
from enrichment.uploads.messages import TEXTS, headline
from enrichment.uploads.sentences import HEADLINES, ROW_TEXTS
from mangaassist.language import Language
from mangaassist.messages import Texts
from tests.enrichment.uploads.reading import GOOD, HEADER, rows


@pytest.mark.parametrize(
    "texts", [*TEXTS.values(), *HEADLINES.values()], ids=lambda texts: texts.en
)
def test_both_languages_say_the_same(texts: Texts) -> None:
    names = [sorted(name for _, name, _, _ in Formatter().parse(text) if name) for text in texts]
    assert names[0] == names[1]
    assert re.search("[ぁ-ん]", texts.ja)
    assert re.fullmatch(r"[^ぁ-ん一-鿿]+", texts.en)


def test_every_row_error_has_a_headline() -> None:
    assert set(HEADLINES) == set(ROW_TEXTS)
    assert headline("bad_date", "ja") == "日付ではない"


@pytest.mark.parametrize("language", Language)
def test_a_row_error_reads_as_a_sentence(language: Language) -> None:
    error = rows(HEADER + GOOD + GOOD.replace("読切", ""))[-1]
    assert isinstance(error, RowError)
    assert (
        error.text(language)
        == {
            Language.JA: "id の C1 は 2 行目にもあります。どちらか一つにしてください。",
            Language.EN: "id C1 is on row 2 already. Keep one of the two.",
        }[language]
    )
