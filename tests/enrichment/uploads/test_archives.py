"""Which ZIP files are opened as workbooks."""

from __future__ import annotations

import errno
import io
import struct
import tempfile
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import ReleaseError, read
from enrichment.uploads.archives import MOST_BYTES, MOST_PARTS, Archive
from tests.enrichment.uploads.reading import archive, read_from_disk, refused, text_cells, workbook

DATA = f'<row r="1">{text_cells("id", "titleJp")}</row><row r="2">{text_cells("C1", "一")}</row>'


def zipped(**parts: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def claiming(content: bytes, name: str, size: int) -> bytes:
    """The archive whose directory says that a part has another size unpacked."""
    at = content.index(b"PK\x01\x02")
    while content[at + 46 : at + 46 + len(name)] != name.encode():
        at = content.index(b"PK\x01\x02", at + 4)
    return content[: at + 24] + struct.pack("<L", size) + content[at + 28 :]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (zipped(), "not_a_workbook"),
        (zipped(readme=b"x"), "not_a_workbook"),
        (archive("", {"xl/workbook.xml": "<document/>"}), "not_a_workbook"),
        (archive("", {"_rels/.rels": ""}), "not_a_workbook"),
        (archive(DATA)[:-10], "damaged_workbook"),
        (archive(DATA)[:200], "damaged_workbook"),
        (b"PK\x03\x04...", "damaged_workbook"),
        (archive("", {"xl/workbook.xml": ""}), "damaged_workbook"),
        (archive("", {"xl/worksheets/sheet1.xml": ""}), "damaged_workbook"),
        (archive("", {"xl/workbook.xml": "<workbook"}), "damaged_workbook"),
        (archive("", {"xl/_rels/workbook.xml.rels": "<x/>"}), "damaged_workbook"),
    ],
)
def test_what_is_no_whole_workbook_is_refused(content: bytes, code: str) -> None:
    assert refused(content).code == code


def test_a_bomb_is_refused_before_any_part_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = claiming(archive(DATA), "xl/worksheets/sheet1.xml", MOST_BYTES)
    monkeypatch.delattr(zipfile.ZipFile, "open")
    error = refused(bomb)
    assert error.code == "too_large_unpacked"
    assert int(error.parameters["found"]) > MOST_BYTES


def test_an_absurd_ratio_is_refused() -> None:
    assert refused(zipped(zeros=bytes(20_000_000))).code == "too_large_unpacked"


def test_a_part_gives_no_more_than_its_directory_says() -> None:
    content = claiming(archive(DATA + " " * 3_000_000), "xl/worksheets/sheet1.xml", 100_000)
    assert refused(content).code == "damaged_workbook"
    given = 0
    with Archive(io.BytesIO(content)).open("xl/worksheets/sheet1.xml") as part:
        with pytest.raises(zipfile.BadZipFile):
            while data := part.read(1_000):
                given += len(data)
    assert given < 100_000


def test_ways_of_packing_that_unpack_without_a_limit_are_refused() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as packed:
        packed.writestr("_rels/.rels", "<Relationships/>")
    assert refused(file.getvalue()).code == "damaged_workbook"


def test_too_many_parts_are_refused() -> None:
    many = zipped(**{f"p{number}": b"" for number in range(MOST_PARTS + 1)})
    assert refused(many).code == "too_many_parts"


def test_a_huge_directory_is_not_even_read(monkeypatch: pytest.MonkeyPatch) -> None:
    content = zipped(readme=b"x")
    monkeypatch.delattr(zipfile, "ZipFile")
    at = content.rindex(b"PK\x05\x06")
    huge = content[: at + 12] + struct.pack("<L", 2_000_000) + content[at + 16 :]
    assert refused(huge).code == "too_many_parts"


def test_a_huge_directory_of_a_large_archive_is_not_even_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    content = zipped(readme=b"x")
    monkeypatch.delattr(zipfile, "ZipFile")
    at = content.rindex(b"PK\x05\x06")
    record = b"PK\x06\x06" + bytes(36) + struct.pack("<QQ", 2_000_000, 0)
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, at, 1)
    assert refused(content[:at] + record + locator + content[at:]).code == "too_many_parts"


def test_an_encrypted_part_refuses_the_workbook() -> None:
    content = bytearray(archive(DATA))
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    assert refused(bytes(content)).code == "damaged_workbook"


@pytest.mark.parametrize("field", [12, 16])  # the size of the directory, and its place
def test_a_directory_that_says_wrong_places_refuses_a_real_file(field: int) -> None:
    content = bytearray(archive(DATA))
    at = content.rindex(b"PK\x05\x06") + field
    struct.pack_into("<L", content, at, struct.unpack_from("<L", content, at)[0] + 100_000)
    with tempfile.TemporaryFile() as file, pytest.raises(ReleaseError) as caught:
        file.write(content)
        read(file)
    assert caught.value.code == "damaged_workbook"


def test_a_broken_disk_is_no_damaged_workbook() -> None:
    class Disk(io.BytesIO):
        def seek(self, *_: int) -> int:
            raise OSError(errno.EIO, "")

    with pytest.raises(OSError, match=str(errno.EIO)):
        Archive(Disk(archive(DATA)))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_workbook_with_any_damage_gives_rows_or_a_told_error(data: st.DataObject) -> None:
    content = bytearray(DAMAGED[data.draw(st.integers(0, 1))])
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(4, len(content) - 1))] = data.draw(st.integers(0, 255))
    read_from_disk(bytes(content))


@settings(deadline=None, max_examples=200)
@given(st.data())
def test_a_workbook_with_any_wrong_xml_gives_rows_or_a_told_error(data: st.DataObject) -> None:
    with zipfile.ZipFile(io.BytesIO(DAMAGED[1])) as packed:
        parts = {name: packed.read(name).decode() for name in packed.namelist()}
    name = data.draw(st.sampled_from(sorted(parts)))
    start, length = data.draw(st.integers(0, len(parts[name]))), data.draw(st.integers(0, 30))
    wrong = data.draw(st.sampled_from(["", "<", '"', "-1", "1e999", "9" * 20, "<v>nan</v>"]))
    parts[name] = parts[name][:start] + wrong + parts[name][start + length :]
    read_from_disk(zipped(**{name: part.encode() for name, part in parts.items()}))


DAMAGED = [archive(DATA), workbook(["id", "titleJp"], ["C1", "一"], ["C2", 5])]
