"""The columns of a row and their rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from enrichment.uploads.dates import iso_date
from enrichment.uploads.messages import RowError
from enrichment.uploads.offers import EXAMPLES, offer
from mangaassist.cleaning import SURROGATE, strip_invisible
from mangaassist.messages import Parameter

COLUMNS = {
    "id": "id",
    "titleJp": "title_jp",
    "titleKana": "title_kana",
    "creator": "creator",
    "originalCreator": "original_creator",
    "firstPublished": "first_published",
    "note": "note",
    "volumes": "volumes",
    "price": "price",
    "availability": "availability",
}
REQUIRED = ("id", "titleJp")
LONGEST = {"id": 64, "titleJp": 300}  # code points
LONGEST_OTHER = 2_000
LONGEST_TOLD = 40  # code points of a value that a message repeats

NOT_OF_ID = re.compile(r"[^A-Za-z0-9._:-]")
NUMBERS = ("id", "titleJp", "firstPublished", *EXAMPLES)  # columns in which JSON may have a number

# Ends of lines and paragraphs, what turns the direction, and what is no character.
OTHER_CONTROL = "\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff"
CONTROL = re.compile(f"[\x00-\x1f{OTHER_CONTROL}]")
CONTROL_IN_NOTE = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f{OTHER_CONTROL}]")

# A call of a function, a text made by one, or a call of another program. Titles such as =LOVE,
# -ブイ- and @ホーム are none of these.
FORMULA = re.compile(r"""=\s*[+-]?\s*[A-Za-z][\w.]*\(|="|[=+@-].*[A-Za-z0-9]\s*\|.*!""")

# Nearly every value is one of these, and then no rule needs to be looked at.
PLAIN_TEXT = re.compile("(?![=+@-])[ -~\u3005\u3041-\u3096\u30a1-\u30fc\u4e00-\u9fff]{1,300}")
PLAIN = {
    "id": re.compile(r"[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}"),
    "firstPublished": re.compile(r"(?:19|20)[0-9]{2}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"),
    "volumes": re.compile("[1-9][0-9]{0,3}"),
    "price": re.compile("[1-9][0-9]{0,6}"),
    "availability": re.compile("in_stock|out_of_stock"),
}
CHECKED = [(column, PLAIN.get(column, PLAIN_TEXT).fullmatch) for column in COLUMNS]


@dataclass(frozen=True)
class TitleFields:
    """One title as a release describes it.

    None: the release has no column for it; empty: it has one, without a value.
    """

    id: str
    title_jp: str
    title_kana: str | None = None
    creator: str | None = None
    original_creator: str | None = None
    first_published: str | None = None  # YYYY, YYYY-MM or YYYY-MM-DD
    note: str | None = None
    volumes: str | None = None  # digits
    price: str | None = None  # yen with tax, digits
    availability: str | None = None  # in_stock, preorder, backorder or out_of_stock


@dataclass(frozen=True)
class Row:
    """A good row; warnings: what is wrong with values that it does without."""

    number: int  # see RowError
    title: TitleFields
    warnings: tuple[RowError, ...] = ()


@dataclass(frozen=True)
class Unreadable:
    """A value that is there but is no text, and the code that says why."""

    code: str
    parameters: dict[str, Parameter] = field(default_factory=dict)


@dataclass(frozen=True)
class RawRow:
    """A row as read, before any rule; columns that the release does not have are absent."""

    number: int
    values: Mapping[str, object]  # column -> text, Unreadable, None or what JSON has


def check_row(raw: RawRow) -> Row | list[RowError]:
    """The row with values trimmed of white space, or what is wrong with each of its columns.

    A title can do without a price: what is wrong with the offer alone costs no row.
    """
    texts: list[Any] = []
    errors: list[RowError] = []
    for column, is_plain in CHECKED:
        if column not in raw.values and column not in REQUIRED:
            texts.append(None)
            continue
        value = raw.values.get(column)
        text = value.strip() if isinstance(value, str) else ""
        if not text or not is_plain(text):
            checked = _checked(raw.number, column, text if isinstance(value, str) else value)
            if isinstance(checked, RowError):
                errors.append(checked)
                texts.append(None)
                continue
            text = checked
        texts.append(text)
    if any(error.field not in EXAMPLES for error in errors):
        return errors
    warnings = tuple(replace(error, taken=True) for error in errors)
    return Row(raw.number, TitleFields(*texts), warnings)


def _checked(number: int, column: str, value: object) -> str | RowError:
    """The text as it is taken, or the plainest error of a value."""
    text = _text(number, column, value)
    if isinstance(text, RowError):
        return text
    if not text:
        return RowError(number, column, "missing") if column in REQUIRED else ""
    error = (
        _length(number, column, text)
        or _broken(number, column, text)
        or _formula(number, column, text)
        or _invisible(number, column, text)
    )
    return error or _formed(number, column, text)


def _text(number: int, column: str, value: object) -> str | RowError:
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, Unreadable):
        return RowError(number, column, value.code, value.parameters)
    if isinstance(value, int | float) and not isinstance(value, bool) and column in NUMBERS:
        if value % 1 == 0:
            return str(int(value))
        if column == "titleJp":
            return repr(value)
    return RowError(number, column, "wrong_type")


def _broken(number: int, column: str, text: str) -> RowError | None:
    if text.isprintable():
        return None
    if half := SURROGATE.search(text):
        return RowError(number, column, "half_character", _character(half[0]))
    control = (CONTROL_IN_NOTE if column == "note" else CONTROL).search(text)
    if control:
        return RowError(number, column, "control_character", _character(control[0]))
    return None


def _character(character: str) -> dict[str, Parameter]:
    is_visible = character.isprintable() and not character.isspace()
    return {"character": character if is_visible else f"U+{ord(character):04X}"}


def _formula(number: int, column: str, text: str) -> RowError | None:
    if text[0] in "=+-@" and FORMULA.match(text):
        return RowError(number, column, "formula", {"value": _told(text)})
    return None


def _invisible(number: int, column: str, text: str) -> RowError | None:
    if column in REQUIRED and not strip_invisible(text).strip():
        return RowError(number, column, "missing")
    return None


def _length(number: int, column: str, text: str) -> RowError | None:
    most = LONGEST.get(column, LONGEST_OTHER)
    if len(text) <= most:
        return None
    return RowError(number, column, "too_long", {"length": len(text), "most": most})


def _formed(number: int, column: str, text: str) -> str | RowError:
    if column == "id" and (bad := NOT_OF_ID.search(text)):
        return RowError(number, column, "bad_id", _character(bad[0]))
    if column == "note":
        return text.replace("\r\n", "\n")
    if column in EXAMPLES:
        told: dict[str, Parameter] = {"value": _told(text), "examples": EXAMPLES[column]}
        return offer(column, text) or RowError(number, column, "unknown_value", told)
    if column != "firstPublished":
        return text
    return iso_date(text) or RowError(number, column, "bad_date", {"value": _told(text)})


def _told(text: str) -> str:
    return strip_invisible(text)[:LONGEST_TOLD]
