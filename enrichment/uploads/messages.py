"""What can be wrong with a release or one of its rows, and how that reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from enrichment.uploads.sentences import HEADLINES, RELEASE_TEXTS, ROW_TEXTS
from mangaassist.language import Language
from mangaassist.messages import Parameter

TEXTS = {**ROW_TEXTS, **RELEASE_TEXTS}


def text(code: str, language: str, parameters: Mapping[str, Parameter], *, column: str = "") -> str:
    """The sentence for a code. Raises KeyError for an unknown code, ValueError for a language."""
    return TEXTS[code].text(language, {"field": column, **parameters})


def headline(code: str, language: str) -> str:
    """A few words for many row errors of one code. Raises KeyError for any other code."""
    return HEADLINES[code].text(language, {})


@dataclass(frozen=True)
class RowError:
    """One thing wrong with one row; a row may have several. `field` is a column, or empty."""

    number: int  # from 1: the line a row starts on, the row of a sheet, the element of a JSON array
    field: str
    code: str
    parameters: dict[str, Parameter] = dataclass_field(default_factory=dict)

    def text(self, language: str) -> str:
        return text(self.code, language, self.parameters, column=self.field)


class ReleaseError(Exception):
    """The whole file cannot be taken."""

    def __init__(self, code: str, **parameters: Parameter) -> None:
        super().__init__(text(code, Language.EN, parameters))
        self.code = code
        self.parameters = parameters

    def text(self, language: str) -> str:
        return text(self.code, language, self.parameters)
