"""JSON and JSONL: from the text of a release to its raw rows, one object at a time."""

from __future__ import annotations

import io
import json
import math
import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from typing import Any

from enrichment.uploads.columns import MOST_COLUMNS, Columns, tell
from enrichment.uploads.lines import ENDS, LONGEST_LINE, Line, Lines, is_blank
from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import RawRow, Unreadable

WINDOW = 64 * 1024  # characters read at once
LONGEST_OBJECT = LONGEST_LINE  # characters
LONGEST_TOKEN = 16  # of those without quotes, an escape such as \ud83d\ude00 included
SPACE = re.compile(r"[ \t\n\r]*")


def _number(text: str) -> float | Unreadable:
    number = float(text)
    return number if math.isfinite(number) else Unreadable("bad_number", {"value": tell(text)})


def _whole_number(text: str) -> int | Unreadable:
    try:
        return int(text)
    except ValueError:  # More digits than Python converts.
        return Unreadable("bad_number", {"value": text[:20] + "…"})


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any] | Unreadable:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            return Unreadable("repeated_name", {"name": tell(name)})
        found[name] = value
    return found


DECODER = json.JSONDecoder(
    object_pairs_hook=_object,
    parse_float=_number,
    parse_int=_whole_number,
    parse_constant=_number,
)  # NaN and repeated names become values, so that they cost a row and never its neighbours.


class Objects:
    """Makes raw rows of decoded JSON values; columns may be named differently in each object."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._places = lru_cache(100)(columns.places)  # by the names of an object, in order
        self._first = True

    def row(self, number: int, found: object) -> RawRow | RowError:
        """Raises ReleaseError when the first object shows that the names are not as expected."""
        if isinstance(found, Unreadable):
            return RowError(number, "", found.code, found.parameters)
        if not isinstance(found, dict):
            return RowError(number, "", "not_an_object")
        if len(found) > MOST_COLUMNS:
            sizes = {"found": len(found), "most": MOST_COLUMNS}
            return RowError(number, "", "too_wide", {**sizes})
        names = tuple(found)
        if self._first and found:
            self._first = False
            self._columns.first_object(names, str(number))
        try:
            places = self._places(names)
        except ReleaseError as error:
            return RowError(number, str(error.parameters["column"]), error.code, error.parameters)
        return RawRow(number, {column: found[names[at]] for column, at in places.items()})


def jsonl_rows(lines: Lines, columns: Columns) -> Iterator[RawRow | RowError]:
    """One object on each line, numbered by line. Raises ReleaseError, see Objects.row."""
    objects = Objects(columns)
    first = next(line for line in lines if line.too_long or line.text.strip())
    if first.text.strip() == "{":  # It will go on over the next lines.
        raise ReleaseError("json_object")
    for line in chain([first], lines):
        if line.too_long:
            yield RowError(line.number, "", "line_too_long", {"most": LONGEST_LINE})
        elif not is_blank(line.text):
            found = _line_value(line)
            yield found if isinstance(found, RowError) else _row(objects, line.number, found)


def _row(objects: Objects, number: int, found: object) -> RawRow | RowError:
    try:
        return objects.row(number, found)
    except ReleaseError as error:
        is_whole = isinstance(found, dict) and any(isinstance(it, list) for it in found.values())
        if error.code == "missing_columns" and is_whole:  # The titles are in that list.
            raise ReleaseError("json_object") from error
        raise


def _line_value(line: Line) -> object:
    try:
        return DECODER.decode(line.text)
    except json.JSONDecodeError as error:
        return RowError(line.number, "", "invalid_json", {"position": error.colno})
    except RecursionError:
        return RowError(line.number, "", "too_deep")


class Array:
    """The objects of a JSON array, numbered by element from 1; only a window of it is in memory."""

    def __init__(self, text: io.TextIOBase, columns: Columns) -> None:
        self._text = text
        self._objects = Objects(columns)
        self._window = ""
        self._at = 0  # in the window
        self._ended = False  # the window reaches the end of the file
        self._line = 1  # that the window starts on
        self._position = 0  # characters of that line before the window
        self._number = 0  # of the present element

    def __iter__(self) -> Iterator[RawRow | RowError]:
        """Raises ReleaseError where the array breaks, after all objects before that."""
        self._expect("[")
        if self._next() == "]":
            self._at += 1
        else:
            yield from self._elements()
        if self._next().strip(ENDS):
            raise self._stopped("broken_json", self._at)

    def _elements(self) -> Iterator[RawRow | RowError]:
        while True:
            self._next()
            self._number += 1
            yield self._objects.row(self._number, self._value())
            if self._expect(",]") == "]":
                return

    def _expect(self, characters: str) -> str:
        found = self._next()
        if not found or found not in characters:
            raise self._stopped("broken_json" if found else "truncated_json", self._at)
        self._at += 1
        return found

    def _next(self) -> str:
        """The next character that is no white space, nothing at the end."""
        while True:
            self._at = SPACE.match(self._window, self._at).end()  # type: ignore[union-attr]
            if self._at < len(self._window) or self._ended:
                return self._window[self._at : self._at + 1]
            self._read()

    def _value(self) -> object:
        while True:
            try:
                found, end = DECODER.raw_decode(self._window, self._at)
            except json.JSONDecodeError as error:
                self._read_on(error)
            except RecursionError:
                raise self._stopped("element_too_deep", self._at) from None
            else:
                if end < len(self._window) or self._ended:
                    self._at = end
                    return found
                self._read()  # It may be a number, and go on.

    def _read_on(self, error: json.JSONDecodeError) -> None:
        """Reads more of the present element. Raises ReleaseError when that does not mend it."""
        length = len(self._window)
        is_open = error.msg.startswith("Unterminated string")
        if self._ended:
            is_cut = is_open or error.pos >= len(self._window.rstrip())
            raise self._stopped("truncated_json" if is_cut else "broken_json", error.pos)
        if not is_open and error.pos < length - LONGEST_TOKEN:
            raise self._stopped("broken_json", error.pos)
        if length - self._at > LONGEST_OBJECT:
            raise self._stopped("element_too_long", self._at)
        self._read()

    def _read(self) -> None:
        """Moves the window on and at least doubles what is unread in it."""
        self._line, self._position = self._place(self._at)
        rest = self._window[self._at :]
        more = self._text.read(max(WINDOW, len(rest)))
        self._window, self._at, self._ended = rest + more, 0, not more

    def _place(self, at: int) -> tuple[int, int]:
        """Line, and characters before on that line."""
        start = self._window.rfind("\n", 0, at) + 1
        line = self._line + self._window.count("\n", 0, at)
        return line, at - start if start else self._position + at

    def _stopped(self, code: str, at: int) -> ReleaseError:
        line, before = self._place(at)
        return ReleaseError(
            code, element=self._number, line=line, position=before + 1, most=LONGEST_OBJECT
        )
