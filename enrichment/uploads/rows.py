"""The columns of a row and their rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from enrichment.uploads.messages import RowError
from mangaassist.cleaning import SURROGATE, strip_invisible

COLUMNS = {
    "id": "id",
    "titleJp": "title_jp",
    "titleKana": "title_kana",
    "creator": "creator",
    "originalCreator": "original_creator",
    "firstPublished": "first_published",
    "note": "note",
}
REQUIRED = ("id", "titleJp")
LONGEST = {"id": 64, "titleJp": 300}  # code points
LONGEST_OTHER = 2_000
LONGEST_TOLD = 40  # code points of a value that a message repeats

ID = re.compile(r"[A-Za-z0-9._:-]+")
DATE = re.compile(r"[0-9]{4}(-[0-9]{2}){0,2}")
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")
CONTROL_IN_NOTE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


@dataclass(frozen=True)
class TitleFields:
    """One title as a release describes it; what the release leaves out is empty."""

    id: str
    title_jp: str
    title_kana: str = ""
    creator: str = ""
    original_creator: str = ""
    first_published: str = ""  # YYYY, YYYY-MM or YYYY-MM-DD
    note: str = ""


@dataclass(frozen=True)
class Row:
    """A good row."""

    number: int  # the line it starts on, from 1
    title: TitleFields


@dataclass(frozen=True)
class RawRow:
    """A row as read, before any rule; columns that the release does not have are absent."""

    number: int
    values: Mapping[str, object]


def check_row(raw: RawRow) -> Row | list[RowError]:
    """The row with values trimmed of white space, or what is wrong with each of its columns."""
    texts: dict[str, str] = {}
    errors: list[RowError] = []
    for column, attribute in COLUMNS.items():
        value = raw.values.get(column)
        text = value.strip() if isinstance(value, str) else ""
        texts[attribute] = text
        if value is not None and not isinstance(value, str):
            errors.append(RowError(raw.number, column, "wrong_type"))
        elif error := _error(raw.number, column, text):
            errors.append(error)
    return errors or Row(raw.number, TitleFields(**texts))


def _error(number: int, column: str, text: str) -> RowError | None:
    """The plainest error of a value."""
    if not text:
        return RowError(number, column, "missing") if column in REQUIRED else None
    return (
        _broken(number, column, text)
        or _invisible(number, column, text)
        or _length(number, column, text)
        or _form(number, column, text)
    )


def _broken(number: int, column: str, text: str) -> RowError | None:
    if text.isprintable():
        return None
    if half := SURROGATE.search(text):
        return RowError(number, column, "half_character", _character(half[0]))
    control = (CONTROL_IN_NOTE if column == "note" else CONTROL).search(text)
    if control:
        return RowError(number, column, "control_character", _character(control[0]))
    return None


def _invisible(number: int, column: str, text: str) -> RowError | None:
    if column in REQUIRED and not strip_invisible(text).strip():
        return RowError(number, column, "missing")
    return None


def _character(character: str) -> dict[str, str | int]:
    return {"character": f"U+{ord(character):04X}"}


def _length(number: int, column: str, text: str) -> RowError | None:
    most = LONGEST.get(column, LONGEST_OTHER)
    if len(text) <= most:
        return None
    return RowError(number, column, "too_long", {"length": len(text), "most": most})


def _form(number: int, column: str, text: str) -> RowError | None:
    if column == "id" and not ID.fullmatch(text):
        return RowError(number, column, "bad_id")
    if column == "firstPublished" and text and not _is_date(text):
        return RowError(number, column, "bad_date", {"value": text[:LONGEST_TOLD]})
    return None


def _is_date(text: str) -> bool:
    if not DATE.fullmatch(text):
        return False
    try:
        date.fromisoformat(text + "-01-01"[len(text) - 4 :])
    except ValueError:
        return False
    return True
