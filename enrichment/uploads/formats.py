"""CSV and JSONL: from the lines of a release to its raw rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from enrichment.uploads.lines import LONGEST_LINE, Line, Lines
from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import COLUMNS, REQUIRED, RawRow
from mangaassist.cleaning import strip_invisible

LONGEST_ROW = 100  # lines of one CSV row; a quote still open after them was forgotten
MOST_IGNORED = 20  # names of unknown columns that are told
LONGEST_TOLD = 40  # code points of such a name


class Ignored(list[str]):
    """The names of columns that were read over, each once and not too many."""

    def tell(self, names: Iterable[str]) -> None:
        for name in names:
            told = strip_invisible(name)[:LONGEST_TOLD]
            if name not in COLUMNS and told not in self and len(self) < MOST_IGNORED:
                self.append(told)


def raw_rows(lines: Lines, ignored: Ignored) -> Iterator[RawRow | RowError]:
    """The rows in the format that the first non-blank character shows.

    Raises ReleaseError when nothing can be read.
    """
    first = next((line for line in lines if not line.blank), None)
    if first is None:
        raise ReleaseError("empty_file")
    start = first.text.lstrip()[:1]
    if start == "[":
        raise ReleaseError("json_array")
    lines.put_back([first])
    return _json_rows(lines, ignored) if start == "{" else _csv_rows(lines, ignored)


def _json_rows(lines: Lines, ignored: Ignored) -> Iterator[RawRow | RowError]:
    for line in lines:
        if not line.blank:
            yield _json_row(line, ignored)


def _json_row(line: Line, ignored: Ignored) -> RawRow | RowError:
    if line.too_long:
        return _too_long(line)
    try:
        found = json.loads(line.text, object_pairs_hook=_pairs)
    except RepeatedName:
        return RowError(line.number, "", "repeated_name")
    except (ValueError, RecursionError):
        return RowError(line.number, "", "invalid_json")
    if not isinstance(found, dict):
        return RowError(line.number, "", "not_an_object")
    ignored.tell(found)
    return RawRow(line.number, found)


class RepeatedName(Exception):
    """A JSON object has two values of one name, so nobody knows which is meant."""


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise RepeatedName
    return found


def _csv_rows(lines: Lines, ignored: Ignored) -> Iterator[RawRow | RowError]:
    header = _header(next(lines), lines)
    ignored.tell(header)
    for line in lines:
        if line.blank:
            continue
        values = _values(line, lines)
        if isinstance(values, RowError):
            yield values
        elif len(values) > len(header):
            sizes: dict[str, str | int] = {"found": len(values), "expected": len(header)}
            yield RowError(line.number, "", "too_many_columns", sizes)
        elif any(value.strip() for value in values):  # A spreadsheet keeps emptied rows as commas.
            yield RawRow(line.number, dict(zip(header, values, strict=False)))


def _header(line: Line, lines: Lines) -> list[str]:
    values = _values(line, lines)
    if isinstance(values, RowError):
        raise ReleaseError("bad_header")
    header = [value.strip() for value in values]
    missing = [name for name in REQUIRED if name not in header]
    if missing:
        raise ReleaseError("missing_columns", missing=", ".join(missing))
    repeated = [name for name in COLUMNS if header.count(name) > 1]
    if repeated:
        raise ReleaseError("repeated_columns", repeated=", ".join(repeated))
    return header


def _values(line: Line, lines: Lines) -> list[str] | RowError:
    """The values of the CSV row that starts on this line; takes the lines it goes on over."""
    if line.too_long:
        return _too_long(line)
    whole = _with_open_quote(line, lines) if _leaves_quote_open(line) else line
    if whole is None:
        return RowError(line.number, "", "unclosed_quote")
    try:
        return next(csv.reader([whole.text], strict=True))
    except csv.Error:
        return RowError(line.number, "", "bad_quote")


def _with_open_quote(first: Line, lines: Lines) -> Line | None:
    """The line joined with those up to the closing quote.

    None when there is no such quote in reach: then the lines are put back, so that one forgotten
    quote costs one row and never the rest of the file.
    """
    parts = [first]
    for line in lines:
        parts.append(line)
        if line.too_long or len(parts) > LONGEST_ROW:
            break
        if _leaves_quote_open(line):
            whole = Line(first.number, "".join(part.text for part in parts))
            if _is_csv(whole.text):
                return whole
            break  # The quotes belong to two rows that each forgot one.
    lines.put_back(parts[1:])
    return None


def _is_csv(text: str) -> bool:
    try:
        next(csv.reader([text], strict=True))
    except csv.Error:
        return False
    return True


def _leaves_quote_open(line: Line) -> bool:
    return line.text.count('"') % 2 == 1


def _too_long(line: Line) -> RowError:
    return RowError(line.number, "", "line_too_long", {"most": LONGEST_LINE})
