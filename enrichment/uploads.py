"""Reads a release file as a stream: good rows, and what is wrong with each bad one."""

from __future__ import annotations

import csv
import itertools
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import Any, BinaryIO

from enrichment import upload_messages

COLUMNS = {  # column of the file → field of a title
    "id": "id",
    "titleJp": "title_jp",
    "titleKana": "title_kana",
    "creator": "creator",
    "originalCreator": "original_creator",
    "firstPublished": "first_published",
    "note": "note",
}
REQUIRED = ("id", "titleJp")
LONGEST = {"id": 64, "titleJp": 300}  # characters
LONGEST_FIELD = 2_000  # characters of any other field
LONGEST_LINE = 1 << 20  # bytes; more is no title, and would have to be held in memory

ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


@dataclass(frozen=True)
class Row:
    """A good row. `number` is the line it starts on, `values` has every field of a title."""

    number: int
    values: dict[str, str]


@dataclass(frozen=True)
class BadRow:
    """A row that is not taken, with the column at fault where one is."""

    number: int
    column: str
    code: str
    parameters: dict[str, object] = field(default_factory=dict)

    def text(self, language: str) -> str:
        return upload_messages.text(self.code, language, self.parameters)


class ReleaseError(Exception):
    """The whole file cannot be taken."""

    def __init__(self, code: str, **parameters: object) -> None:
        super().__init__(upload_messages.text(code, "en", parameters))
        self.code = code
        self.parameters = parameters

    def text(self, language: str) -> str:
        return upload_messages.text(self.code, language, self.parameters)


def read(file: BinaryIO) -> Iterator[Row | BadRow]:
    """Reads a CSV or JSONL file in UTF-8; the format is told by the content, not by the name.

    Raises ReleaseError where the file as a whole cannot be read on.
    """
    lines = itertools.dropwhile(lambda line: not line[1].strip(), _lines(file))
    number, first = next(lines, (0, ""))
    if not number:
        raise ReleaseError("empty_file")
    records = _json_records if first.lstrip().startswith(("{", "[")) else _csv_records
    first_row_of: dict[str, int] = {}
    for start, record in records(itertools.chain([first], (line for _, line in lines)), number):
        row = _checked(start, record) if isinstance(record, dict) else record
        if isinstance(row, Row):
            earlier = first_row_of.setdefault(row.values["id"], start)
            if earlier != start:
                row = BadRow(start, "id", "duplicate_id", {"id": row.values["id"], "first": earlier})
        yield row


def _lines(file: BinaryIO) -> Iterator[tuple[int, str]]:
    for number in itertools.count(1):
        raw = file.readline(LONGEST_LINE)
        if not raw:
            return
        try:
            line = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise ReleaseError("not_utf8", line=number) from error
        yield number, line.removeprefix("\ufeff") if number == 1 else line


def _checked(number: int, record: dict[str, Any]) -> Row | BadRow:
    values = {}
    for column, name in COLUMNS.items():
        value = "" if record.get(column) is None else record[column]
        bad = _fault(number, column, value)
        if bad is not None:
            return bad
        values[name] = value.strip()
    return Row(number, values)


def _csv_records(lines: Iterable[str], number: int) -> Iterator[tuple[int, dict[str, str] | BadRow]]:
    """Records by column name, with the line they start on; a record may span lines."""
    reader = csv.reader(lines, strict=True)
    header = _header(next(reader))
    while True:
        start = number + reader.line_num
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield start, BadRow(start, "", "bad_csv", {"detail": str(error)})
            continue
        if len(cells) > len(header):
            yield start, BadRow(start, "", "too_many_columns")
        elif any(cells):
            yield start, dict(zip(header, cells, strict=False))


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    missing = [column for column in REQUIRED if column not in names]
    if missing:
        raise ReleaseError("missing_columns", columns=", ".join(missing))
    for column in COLUMNS:
        if names.count(column) > 1:
            raise ReleaseError("repeated_column", column=column)
    return names


def _json_records(lines: Iterable[str], number: int) -> Iterator[tuple[int, dict[str, Any] | BadRow]]:
    for start, line in enumerate(lines, number):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield start, BadRow(start, "", "bad_json", {"detail": str(error)[:100]})
            continue
        yield start, record if isinstance(record, dict) else BadRow(start, "", "not_an_object")


def _fault(number: int, column: str, value: Any) -> BadRow | None:
    """What is wrong with one value; an empty one is wrong only where it is required."""
    if not isinstance(value, str):
        return BadRow(number, column, "wrong_type", {"field": column})
    if not value.strip():
        return BadRow(number, column, "missing", {"field": column}) if column in REQUIRED else None
    limit = LONGEST.get(column, LONGEST_FIELD)
    if len(value) > limit:
        return BadRow(number, column, "too_long", {"field": column, "limit": limit, "count": len(value)})
    control = CONTROL.search(value)
    if control:
        return BadRow(number, column, "control_character", {"field": column, "code": f"{ord(control[0]):04X}"})
    if column == "id" and not ID.fullmatch(value.strip()):
        return BadRow(number, column, "bad_id")
    if column == "firstPublished" and not _is_date(value.strip()):
        return BadRow(number, column, "bad_date")
    return None


def _is_date(text: str) -> bool:
    match = DATE.fullmatch(text)
    if match is None:
        return False
    year, month, day = (int(part or 1) for part in match.groups())
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True
