"""Reads a release: table, workbook or JSON in, good rows and plain reasons for bad ones out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import RawRow, Row, TitleFields, check_row
from enrichment.uploads.sniffing import refuse_at_once, source

__all__ = ["Reader", "ReleaseError", "Row", "RowError", "TitleFields", "read", "refuse_at_once"]

MOST_ROWS = 200_000


def read(file: BinaryIO, mapping: Mapping[str, str] | None = None) -> Reader:
    """Reads a seekable file as it is iterated over, never by its name, and leaves it open.

    mapping: column to header, for headers that are not known. Raises ReleaseError for what is
    wrong before the first row.
    """
    return Reader(file, mapping)


class Reader:
    """Yields a Row for every good row, and a RowError for each thing wrong with any row, once.

    The counts and the ignored columns are complete at the end, the columns after the first row.
    Memory grows only with the ids, which must be unique, and with the texts of a workbook.
    Iterating raises ReleaseError when the file as a whole cannot be taken, which may show after
    many good rows.
    """

    def __init__(self, file: BinaryIO, mapping: Mapping[str, str] | None) -> None:
        self._source = source(file, mapping)
        self._seen: dict[str, tuple[int, int]] = {}  # id -> number and hash of the good row with it
        self.format = self._source.format  # csv, tsv, json, jsonl or xlsx
        self.encoding = self._source.encoding  # see encodings.detect; empty for xlsx
        self.sheet = self._source.sheet  # empty unless xlsx
        self.columns = self._source.columns.found  # column -> header as written
        self.ignored_columns = self._source.columns.ignored
        self.good_rows = 0
        self.warned_rows = 0  # good ones with something wrong
        self.bad_rows = 0

    def __iter__(self) -> Iterator[Row | RowError]:
        for raw in self._source.rows:
            if isinstance(raw, RawRow) and raw.values == self.columns:
                continue  # Files that were put together have the header once more.
            if self.good_rows + self.bad_rows == MOST_ROWS:
                raise ReleaseError("too_many_rows", most=MOST_ROWS)
            outcome = self._outcome(raw)
            if isinstance(outcome, Row):
                self.good_rows += 1
                self.warned_rows += bool(outcome.warnings)
                yield outcome
                yield from outcome.warnings
            else:
                self.bad_rows += 1
                yield from outcome
        if not self.good_rows + self.bad_rows:
            raise ReleaseError("no_rows")

    def _outcome(self, raw: RawRow | RowError) -> Row | list[RowError]:
        if isinstance(raw, RowError):
            return [raw]
        row = check_row(raw)
        if not isinstance(row, Row):
            return row
        same = hash(row.title)
        first, first_same = self._seen.setdefault(row.title.id, (row.number, same))
        if first == row.number:
            return row
        code = "duplicate_row" if same == first_same else "duplicate_id"
        return [RowError(row.number, "id", code, {"id": row.title.id, "first": first})]
