"""What the cells of a workbook say, as text: numbers, dates and the cells that no row may have."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from enrichment.uploads.rows import LONGEST_TOLD, Unreadable
from enrichment.uploads.sheets import Cell, Element, unescape

# How many characters of YYYY-MM-DD a format shows. These have a number and need no code; those
# from 27 on are what Excel in Japan offers.
SHOWN = {
    **dict.fromkeys([14, 15, 16, 22, 27, 28, 29, 30, 31, 35, 36, 50, 51, 53, 54, 56, 57, 58], 10),
    **dict.fromkeys([17, 34, 52, 55], 7),
}
LONGEST_CODE = 255  # characters that Excel allows; a longer code would be slow to look at
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^][]*\]')
YEAR = re.compile("y|e(?![+-])")  # e is the year of an era, or an exponent
NO_DATE = ("general", "standard", "標準")
ZEROS = re.compile("00+")  # 00123
AS_TYPED = re.compile(r"(?i)general|standard|g/標準|@|[#?,]*0?(?:\.[0#?]+)?(?:e[+-]0+)?")
UNSEEN = re.compile(r"\[[^][]*\]|_.|\*.")  # colours and conditions, and space that is left
MOST_EXACT = 1e15  # Excel keeps 15 digits.

SINCE_1900 = date(1899, 12, 30)
SINCE_1904 = date(1904, 1, 1)
FICTION = 60  # the 29th of February 1900, which Excel counts and no calendar has

DATED = ("firstPublished", "note")  # columns in which a date is no accident


def shown(code: str) -> int:
    """How many characters of YYYY-MM-DD a format code shows, 0 when it is not for dates."""
    plain = LITERAL.sub("", code[:LONGEST_CODE].split(";")[0]).lower()
    if any(word in plain for word in NO_DATE):
        return 0
    if "d" in plain:
        return 10
    if not YEAR.search(plain):
        return 0
    return 7 if "m" in plain else 4


class Format(NamedTuple):
    """What a number format does to a number."""

    shown: int  # characters of YYYY-MM-DD
    digits: int = 0  # at least so many, filled up with zeros
    is_literal: bool = False  # it shows what the number does not have, such as C-0001 for 1


def format_of(code: str) -> Format:
    """What a format code shows; that for positive numbers, when it has several."""
    plain = UNSEEN.sub("", code[:LONGEST_CODE].split(";")[0])
    if ZEROS.fullmatch(plain):
        return Format(0, digits=len(plain))
    return Format(shown(code), is_literal=not AS_TYPED.fullmatch(plain))


class Formats:
    """Turns cells into values by the workbook's number formats."""

    def __init__(self, styles: Iterable[Element], *, since_1904: bool) -> None:
        self._epoch = SINCE_1904 if since_1904 else SINCE_1900
        own: dict[str, Format] = {}  # by number
        used: list[str] = []  # by the number of a style
        for name, attributes, parent in styles:
            if name == "numFmt":
                own[attributes["numFmtId"]] = format_of(attributes["formatCode"])
            elif name == "xf" and parent == "cellXfs":
                used.append(attributes.get("numFmtId", "0"))
        self._formats = [
            own[number] if number in own else Format(SHOWN.get(int(number), 0)) for number in used
        ]

    def value(self, cell: Cell, column: str, strings: Sequence[str]) -> str | Unreadable:
        """The cell's text for a column. Raises ValueError or IndexError for a damaged one."""
        if cell.is_formula:
            return Unreadable("formula_cell")
        match cell.kind:
            case "s":
                return strings[_index(cell.text)]
            case "n":
                return self._number(cell, column)
            case "b":
                return Unreadable("boolean_cell", {"value": ("FALSE", "TRUE")[_index(cell.text)]})
            case "e":
                return Unreadable("cell_error", {"value": cell.text[:LONGEST_TOLD]})
            case "d":
                return _dated(cell.text[:10], column)
            case _:
                return unescape(cell.text)

    def _number(self, cell: Cell, column: str) -> str | Unreadable:
        number = float(cell.text)
        if not math.isfinite(number):
            return Unreadable("cell_error", {"value": cell.text[:LONGEST_TOLD]})
        form = self._formats[cell.style] if cell.style < len(self._formats) else Format(0)
        if form.shown and number >= 1:
            day = self._date(int(number))
            if day is None:
                return Unreadable("no_calendar_date", {"value": cell.text[:LONGEST_TOLD]})
            return _dated(day.isoformat()[: form.shown], column)
        return _plain(number, form, column)

    def _date(self, days: int) -> date | None:
        """None when no calendar has it."""
        if self._epoch == SINCE_1900 and days < FICTION:
            days += 1
        try:
            return self._epoch + timedelta(days)
        except OverflowError:
            return None


def _plain(number: float, form: Format, column: str) -> str | Unreadable:
    """A number that is no date; one below 1 may be a time of the day."""
    if abs(number) >= MOST_EXACT:
        return Unreadable("too_many_digits", {"value": f"{number:.15g}"})
    text = str(int(number)) if number.is_integer() else repr(number)
    if column == "firstPublished" and not number.is_integer():
        return Unreadable("bad_date", {"value": text})  # 1999.10 has become 1999.1.
    if column == "id" and (form.is_literal or (form.digits and not number.is_integer())):
        return Unreadable("formatted_cell", {"value": text})
    return f"{int(number):0{form.digits + (number < 0)}}" if form.digits else text


def _index(text: str) -> int:
    """Raises ValueError for anything but plain digits; int takes signs, spaces and more."""
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _dated(text: str, column: str) -> str | Unreadable:
    """A title or an id that became a date is no longer what somebody typed."""
    return text if column in DATED else Unreadable("date_cell", {"value": text})
