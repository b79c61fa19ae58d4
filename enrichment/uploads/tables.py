"""CSV and TSV: from the lines of a release to its raw rows."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator
from itertools import islice

from enrichment.uploads.columns import MOST_TRIED, Columns, list_of, without_blank_end
from enrichment.uploads.lines import LONGEST_LINE, Line, Lines, is_blank
from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import RawRow

LONGEST_ROW = 100  # lines of one row; a quote still open after them was forgotten
DELIMITERS = ",\t;"  # of two that are as frequent, the first
QUOTED = re.compile('"[^"]*"?')


class Table:
    """The rows under a header. Raises ReleaseError when the header cannot be used."""

    def __init__(self, lines: Lines, columns: Columns) -> None:
        self._lines = lines
        self.delimiter = ","
        number, header = self._header(columns)
        self._width = len(header)
        self._places = [*columns.header(header, str(number)).items()]

    def _header(self, columns: Columns) -> tuple[int, list[str]]:
        """The line and the values of the first row that fits: there may be titles above it."""
        tried: list[tuple[int, list[str]]] = []
        for number, names in islice(self._filled(columns), MOST_TRIED):
            if columns.fit(names):
                return number, names
            tried.append((number, names))
        if not tried:
            raise ReleaseError("empty_file")
        if not tried[0][1]:
            raise ReleaseError("bad_header", row=tried[0][0])
        number, names = max(tried, key=lambda row: columns.likeness(row[1]))
        if len(names) == 1:
            if _is_json(names[0]):
                raise ReleaseError("json_scalar")
            raise ReleaseError("single_column", row=number, found=list_of(names))
        return number, names

    def _filled(self, columns: Columns) -> Iterator[tuple[int, list[str]]]:
        """Line and values of the rows that may be the header; none if unreadable."""
        for line in self._lines:
            if is_blank(line.text) and not line.too_long:
                continue
            self.delimiter = self._delimiter(line, columns)
            values = self._values(line)
            if isinstance(values, RowError):
                yield line.number, []
            elif names := without_blank_end(values):
                yield line.number, names

    def _delimiter(self, line: Line, columns: Columns) -> str:
        """What separates the names of this header: what makes it fit, or else what it has most."""
        likely = sorted(DELIMITERS, key=QUOTED.sub("", line.text).count, reverse=True)
        if not line.too_long and not _leaves_quote_open(line):
            for delimiter in likely:
                names = self._parsed(line.text.rstrip("\r\n"), delimiter)
                if columns.fit(without_blank_end(names)):
                    return delimiter
        return likely[0]

    def __iter__(self) -> Iterator[RawRow | RowError]:
        for line in self._lines:
            if is_blank(line.text) and not line.too_long:
                continue
            values = self._values(line)
            if isinstance(values, RowError):
                yield values
            elif any(map(str.strip, values)):  # A spreadsheet keeps emptied rows as commas.
                yield self._row(line.number, values)

    def _row(self, number: int, values: list[str]) -> RawRow | RowError:
        size = len(values)
        if size > self._width:
            size = max(self._width, len(without_blank_end(values)))
        if size > self._width:
            return RowError(
                number, "", "too_many_columns", {"found": size, "expected": self._width}
            )
        return RawRow(number, {name: values[at] if at < size else "" for name, at in self._places})

    def _values(self, line: Line) -> list[str] | RowError:
        """The values of the row that starts on this line; takes the lines it goes on over."""
        if line.too_long:
            return _too_long(line)
        if '"' not in line.text:
            return line.text.rstrip("\r\n").split(self.delimiter)
        whole = self._with_open_quote(line) if _leaves_quote_open(line) else line
        if whole is None:
            return RowError(line.number, "", "unclosed_quote")
        if len(whole.text) > LONGEST_LINE:
            return _too_long(line)
        return self._parsed(whole.text) or RowError(line.number, "", "bad_quote")

    def _with_open_quote(self, first: Line) -> Line | None:
        """The line joined with those up to the closing quote.

        None when there is no such quote in reach: then the lines are put back, so that one
        forgotten quote costs one row and never the rest of the file.
        """
        parts = [first]
        for line in self._lines:
            parts.append(line)
            if line.too_long or len(parts) > LONGEST_ROW:
                break
            if _leaves_quote_open(line):
                whole = Line(first.number, "".join(part.text for part in parts))
                if len(whole.text) > LONGEST_LINE or self._parsed(whole.text):
                    return whole
                break  # The quotes belong to two rows that each forgot one.
        self._lines.put_back(parts[1:])
        return None

    def _parsed(self, text: str, delimiter: str = "") -> list[str]:
        """The values, none when the text is no row."""
        try:
            return next(csv.reader([text], delimiter=delimiter or self.delimiter, strict=True))
        except csv.Error:
            return []


def _leaves_quote_open(line: Line) -> bool:
    return line.text.count('"') % 2 == 1


def _too_long(line: Line) -> RowError:
    return RowError(line.number, "", "line_too_long", {"most": LONGEST_LINE})


def _is_json(text: str) -> bool:
    """Whether somebody uploaded a single JSON value; a header is none, because it is no number."""
    try:
        json.loads(text)
    except ValueError:
        return False
    return True
