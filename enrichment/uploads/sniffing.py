"""Which format a file has, by its content and never by its name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import BinaryIO

from enrichment.uploads.archives import Archive
from enrichment.uploads.columns import Columns
from enrichment.uploads.encodings import detect
from enrichment.uploads.json_rows import Array, jsonl_rows
from enrichment.uploads.lines import Lines, Text
from enrichment.uploads.messages import ReleaseError, RowError
from enrichment.uploads.rows import RawRow
from enrichment.uploads.tables import Table
from enrichment.uploads.workbooks import Workbook

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!\x1a\x07": "RAR",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
NO_TEXT = {
    b"%PDF-": "PDF",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"\x7fELF": "ELF",
    b"MZ\x90\x00": "EXE",
    b"SQLite format 3\x00": "SQLite",
}
MARKUP = {"<?xml": "XML", "<": "HTML"}  # Some systems name a page of HTML .xls.


@dataclass(frozen=True)
class Source:
    """A file as it will be read."""

    format: str
    encoding: str
    sheet: str
    columns: Columns
    rows: Iterable[RawRow | RowError]


def refuse_at_once(file: BinaryIO) -> None:
    """Raises ReleaseError for what the first bytes show, and the names of a workbook's parts.

    No part is unpacked and no text decoded, so that the time does not grow with the content.
    """
    if _is_archive(file):
        Archive(file).refuse_others()


def source(file: BinaryIO, mapping: Mapping[str, str] | None) -> Source:
    """file: seekable. Raises ReleaseError for what can be told before the first row."""
    columns = Columns(mapping)
    if _is_archive(file):
        workbook = Workbook(file, columns)
        return Source("xlsx", "", workbook.sheet, columns, workbook)
    return _text_source(file, detect(file), columns)


def _text_source(file: BinaryIO, encoding: str, columns: Columns) -> Source:
    start = _start(Text(file, encoding))
    text = Text(file, encoding)
    if start.startswith("["):
        return Source("json", encoding, "", columns, Array(text, columns))
    lines = Lines(text)
    if start.startswith("{"):
        return Source("jsonl", encoding, "", columns, jsonl_rows(lines, columns))
    table = Table(lines, columns)
    return Source("tsv" if table.delimiter == "\t" else "csv", encoding, "", columns, table)


def _start(text: Text) -> str:
    """The beginning of what is not blank. Raises ReleaseError when there is nothing or no data."""
    start = ""
    while not start:
        piece = text.read(1024)
        if not piece:
            raise ReleaseError("empty_file")
        start = piece.lstrip()
    for mark, what in MARKUP.items():
        if start.startswith(mark):
            raise ReleaseError("not_a_table", what=what)
    return start


def _is_archive(file: BinaryIO) -> bool:
    """Whether it may be a workbook. Raises ReleaseError for an empty file and for other formats."""
    file.seek(0)
    head = file.read(32)
    if not head:
        raise ReleaseError("empty_file")
    _refuse_other_formats(head)
    return head.startswith(ZIP)


def _refuse_other_formats(head: bytes) -> None:
    if head.startswith(OLD_WORKBOOK):
        raise ReleaseError("old_workbook")
    for code, signatures in (("compressed", COMPRESSED), ("not_a_table", NO_TEXT)):
        for signature, what in signatures.items():
            if head.startswith(signature):
                raise ReleaseError(code, what=what)
