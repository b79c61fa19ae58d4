"""Which files are taken at all."""

from __future__ import annotations

import gzip
import io
import zipfile
from typing import BinaryIO, cast

import pytest
from django.core.files.uploadedfile import InMemoryUploadedFile, TemporaryUploadedFile

from enrichment.uploads import ReleaseError, read, refuse_at_once
from tests.enrichment.uploads.reading import (
    GOOD,
    HEADER,
    archive,
    line,
    reader,
    refused,
    taken,
    workbook,
)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (HEADER + GOOD, "csv"),
        ((HEADER + GOOD).replace(",", "\t"), "tsv"),
        (line(), "jsonl"),
        ("[" + line() + "]", "json"),
        (workbook(["id", "titleJp"], ["C1", "一"]), "xlsx"),
    ],
)
def test_the_format_shows_in_the_content(content: str | bytes, found: str) -> None:
    assert reader(content).format == found


@pytest.mark.parametrize("before", ["\ufeff", "\n \n", "\ufeff\r\n"])
def test_a_byte_order_mark_and_blank_lines_come_before_any_text(before: str) -> None:
    assert [len(taken(before + text)) for text in (HEADER + GOOD, line(), f"[{line()}]")] == [1] * 3


@pytest.mark.parametrize(
    ("content", "code", "what"),
    [
        (b"", "empty_file", ""),
        ("\ufeff\n  \n".encode(), "empty_file", ""),
        (" \n".encode("utf-16"), "empty_file", ""),
        (HEADER.encode(), "no_rows", ""),
        ((HEADER + "\n,,,\n").encode(), "no_rows", ""),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512), "old_workbook", ""),
        (gzip.compress((HEADER + GOOD).encode()), "compressed", "gzip"),
        (b"7z\xbc\xaf\x27\x1c...", "compressed", "7z"),
        (b"Rar!\x1a\x07\x01\x00", "compressed", "RAR"),
        (b"%PDF-1.7\n", "not_a_table", "PDF"),
        (b"\x89PNG\r\n\x1a\n", "not_a_table", "PNG"),
        (b"\xff\xd8\xff\xe0", "not_a_table", "JPEG"),
        (b"GIF89a...", "not_a_table", "GIF"),
        (b"\x7fELF\x02", "not_a_table", "ELF"),
        (b"MZ\x90\x00\x03", "not_a_table", "EXE"),
        (b"<!DOCTYPE html><table>", "not_a_table", "HTML"),
        ("<html>作品</html>".encode("cp932"), "not_a_table", "HTML"),
        (b"<?xml version='1.0'?>", "not_a_table", "XML"),
    ],
)
def test_any_other_file_is_refused_as_what_it_is(content: bytes, code: str, what: str) -> None:
    error = refused(content)
    assert (error.code, error.parameters.get("what", "")) == (code, what)


@pytest.mark.parametrize("content", [HEADER + GOOD, line(), f"[{line()}]"])
def test_the_file_stays_open_to_its_owner(content: str) -> None:
    file = io.BytesIO(content.encode())
    rows = iter(read(file))
    next(rows)
    del rows
    assert file.getvalue() == content.encode()


@pytest.mark.parametrize(
    "content", [(HEADER + GOOD).encode(), workbook(["id", "titleJp"], ["C1", "一"])]
)
def test_what_django_hands_over_is_read(content: bytes) -> None:
    size = len(content)
    small = InMemoryUploadedFile(io.BytesIO(content), None, "r", "text/csv", size, None)
    large = TemporaryUploadedFile("r", "text/csv", size, None)
    large.write(content)
    for file in (small, large):
        assert len([*read(cast("BinaryIO", file))]) == 1
        assert not file.closed
        file.close()


def test_a_file_is_read_from_its_start_wherever_it_stands() -> None:
    file = io.BytesIO((HEADER + GOOD).encode())
    file.read(7)
    assert len([*read(file)]) == 1


@pytest.mark.parametrize(
    "content",
    [
        (HEADER + GOOD).encode(),
        workbook(["id", "titleJp"], ["C1", "一"]),
        archive("<row", {"xl/workbook.xml": "<broken"}),  # which reading it tells
    ],
)
def test_nothing_is_unpacked_or_decoded_at_once(
    content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(zipfile.ZipFile, "open")
    refuse_at_once(io.BytesIO(content))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"%PDF-1.7", "not_a_table"),
        (b"PK\x03\x04...", "damaged_workbook"),
        (archive("", {"_rels/.rels": ""}), "not_a_workbook"),
        (archive("", dict.fromkeys(["xl/workbook.xml", "xl/_rels/workbook.xml.rels"], "")),
         "not_a_workbook"),
    ],
)  # fmt: skip
def test_what_can_be_no_release_is_refused_at_once(content: bytes, code: str) -> None:
    with pytest.raises(ReleaseError) as caught:
        refuse_at_once(io.BytesIO(content))
    assert caught.value.code == code
