"""What can be wrong with a release or one of its rows, and how that reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from enrichment.uploads.sentences import HEADLINES, RELEASE_TEXTS, ROW_TEXTS, TAKEN
from mangaassist.language import Language
from mangaassist.messages import Parameter

TEXTS = {**ROW_TEXTS, **RELEASE_TEXTS}


def text(code: str, language: str, parameters: Mapping[str, Parameter], *, column: str = "") -> str:
    """The sentence for a code. Raises KeyError for an unknown code, ValueError for a language."""
    return TEXTS[code].text(language, {"field": column, **parameters})


def row_text(
    code: str, language: str, parameters: Mapping[str, Parameter], column: str, taken: bool
) -> str:
    """What is wrong with a row, what to do, and what has been done. Raises like `text`."""
    wrong = text(code, language, parameters, column=column)
    return " ".join([wrong, TAKEN.text(language, {})]) if taken else wrong


def headline(code: str, language: str) -> str:
    """A few words for many row errors of one code. Raises KeyError for any other code."""
    return HEADLINES[code].text(language, {})


@dataclass(frozen=True)
class RowError:
    """One thing wrong with one row; a row may have several.

    field: a column, or empty; taken: whether the row is taken all the same, without that value.
    """

    number: int  # from 1: the line a row starts on, the row of a sheet, the element of a JSON array
    field: str
    code: str
    parameters: dict[str, Parameter] = dataclass_field(default_factory=dict)
    taken: bool = False

    def text(self, language: str) -> str:
        return row_text(self.code, language, self.parameters, self.field, self.taken)


class ReleaseError(Exception):
    """The whole file cannot be taken."""

    def __init__(self, code: str, **parameters: Parameter) -> None:
        super().__init__(text(code, Language.EN, parameters))
        self.code = code
        self.parameters = parameters

    def text(self, language: str) -> str:
        return text(self.code, language, self.parameters)
