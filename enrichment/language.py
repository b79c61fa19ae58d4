"""Facts about written language: which share of a text is in which script."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mangaassist.cleaning import HAN
from mangaassist.language import Language

HIRAGANA = "\u3041-\u3096\u309d-\u309f"
KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
SCRIPTS = {
    Language.JA: re.compile(f"[{HAN}{HIRAGANA}{KATAKANA}]+"),
    Language.EN: re.compile("[A-Za-z\u00c0-\u024f]+"),
}
HIRAGANA_RUN = re.compile(f"[{HIRAGANA}]+")


def without(text: str, names: Iterable[str]) -> str:
    """The text with a space in place of every name."""
    for name in names:
        text = text.replace(name, " ")
    return text


def share(text: str, language: Language) -> float:
    """The part of the letters in the script of a language, from 0 to 1; 0 without any letter."""
    letters = sum(map(str.isalpha, text))
    own = sum(map(len, SCRIPTS[language].findall(text)))
    return min(1.0, own / letters) if letters else 0.0


def has_hiragana(text: str) -> bool:
    """Japanese sentences have some; Chinese ones have none."""
    return HIRAGANA_RUN.search(text) is not None
