"""Reads a release: UTF-8 CSV or JSONL in, good rows and plain reasons for the bad ones out."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.uploads.formats import Ignored, raw_rows
from enrichment.uploads.lines import Lines, Readable
from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import RawRow, Row, TitleFields, check_row

__all__ = ["Reader", "ReleaseError", "Row", "RowError", "TitleFields", "read"]


def read(file: Readable) -> Reader:
    """Reads a binary file as it is iterated over, never by its name, and leaves it open."""
    return Reader(file)


class Reader:
    """Yields a Row for every good row and one RowError for each thing wrong with a bad one, once.

    The counts, the hash and the ignored columns are complete at the end. Memory grows only with the
    ids, which must be unique. Iterating raises ReleaseError when the file as a whole cannot be
    taken, which may show after many good rows.
    """

    def __init__(self, file: Readable) -> None:
        self._lines = Lines(file)
        self._first_rows: dict[str, int] = {}  # id -> number of the good row that has it
        self.good_rows = 0
        self.bad_rows = 0
        self.ignored_columns = Ignored()

    @property
    def sha256(self) -> str:
        """Of the bytes read so far, hexadecimal."""
        return self._lines.sha256

    def __iter__(self) -> Iterator[Row | RowError]:
        for raw in raw_rows(self._lines, self.ignored_columns):
            outcome = self._outcome(raw)
            if isinstance(outcome, Row):
                self.good_rows += 1
                yield outcome
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
        first = self._first_rows.setdefault(row.title.id, row.number)
        if first == row.number:
            return row
        return [RowError(row.number, "id", "duplicate_id", {"id": row.title.id, "first": first})]
