"""Sentences for people in Japanese and English, with parameters filled in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from mangaassist.language import Language

Parameter = str | int
Parameters = Mapping[str, Parameter]


class Texts(NamedTuple):
    """One sentence in both languages; names in braces are its parameters."""

    ja: str
    en: str

    def text(self, language: str, parameters: Parameters) -> str:
        """Raises ValueError for a language that is not ours, KeyError for a missing parameter."""
        sentence = self.ja if Language(language) is Language.JA else self.en
        return sentence.format_map(parameters)
