"""What the cells of a workbook say, as text: numbers, dates and the cells that no row may have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from enrichment.uploads.rows import Unreadable
from enrichment.uploads.sheets import Cell, Element, unescape

# How many characters of YYYY-MM-DD a format shows. These have a number and need no code; those
# from 27 on are what Excel in Japan offers.
SHOWN = {
    **dict.fromkeys([14, 15, 16, 22, 27, 28, 29, 30, 31, 35, 36, 50, 51, 53, 54, 56, 57, 58], 10),
    **dict.fromkeys([17, 34, 52, 55], 7),
}
LONGEST_CODE = 255  # characters that Excel allows; a longer code would be slow to look at
LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
YEAR = re.compile("y|e(?![+-])")  # e is the year of an era, or an exponent
NO_DATE = ("general", "標準")

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


class Formats:
    """Turns cells into values by the workbook's number formats."""

    def __init__(self, styles: Iterable[Element], *, since_1904: bool) -> None:
        self._epoch = SINCE_1904 if since_1904 else SINCE_1900
        own: dict[str, int] = {}  # number of a format -> characters shown
        used: list[str] = []  # by the number of a style
        for name, attributes, parent in styles:
            if name == "numFmt":
                own[attributes["numFmtId"]] = shown(attributes["formatCode"])
            elif name == "xf" and parent == "cellXfs":
                used.append(attributes.get("numFmtId", "0"))
        self._shown = [
            own[number] if number in own else SHOWN.get(int(number), 0) for number in used
        ]

    def value(self, cell: Cell, column: str, strings: Sequence[str]) -> str | Unreadable:
        """The cell's text for a column. Raises ValueError or IndexError for a damaged one."""
        if cell.is_formula:
            return Unreadable("formula_cell")
        match cell.kind:
            case "s":
                return strings[int(cell.text)]
            case "n":
                return self._number(cell, column)
            case "b":
                return Unreadable("boolean_cell", {"value": ("FALSE", "TRUE")[int(cell.text)]})
            case "e":
                return Unreadable("cell_error", {"value": cell.text[:40]})
            case "d":
                return _dated(cell.text[:10], column)
            case _:
                return unescape(cell.text)

    def _number(self, cell: Cell, column: str) -> str | Unreadable:
        number = float(cell.text)
        length = self._shown[cell.style] if cell.style < len(self._shown) else 0
        if length and (day := self._date(number)):
            return _dated(day.isoformat()[:length], column)
        return str(int(number)) if number.is_integer() and abs(number) < 1e15 else repr(number)

    def _date(self, number: float) -> date | None:
        """None when it is a time of the day only, or no calendar has it."""
        days = int(number) if 1 <= number < 3_000_000 else 0
        if self._epoch == SINCE_1900:
            days += 1 <= days < FICTION
        return self._epoch + timedelta(days) if days else None


def _dated(text: str, column: str) -> str | Unreadable:
    """A title or an id that became a date is no longer what somebody typed."""
    return text if column in DATED else Unreadable("date_cell", {"value": text})
