"""The parts of a workbook's ZIP archive, read as streams that cannot grow beyond what they say."""

from __future__ import annotations

import errno
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, BinaryIO
from xml.parsers.expat import ExpatError

from enrichment.uploads.messages import ReleaseError

MOST_BYTES = 200_000_000  # of all parts together
MOST_PARTS = 2_000
LARGEST_DIRECTORY = 1_000_000  # bytes, for so many parts
LARGEST_RATIO = 300  # bytes of all parts to bytes of the file, when they are more than these:
UNSUSPICIOUS = 10_000_000

START = "_rels/.rels"  # the part that names the main part of a workbook

# Workbooks use these only, and zipfile unpacks others without a limit.
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

END = struct.Struct("<4s8xLLH")  # signature, size of the directory, its offset, comment
END_64 = struct.Struct("<4s36xQ")  # signature, size of the directory
LOCATOR_64 = struct.Struct("<4s4xQ4x")  # signature, offset of END_64
LONGEST_END = END.size + 0xFFFF

# What broken ZIP and XML raise, and the numbers and names in them.
DAMAGE = (
    zipfile.BadZipFile, zlib.error, struct.error, ExpatError, EOFError, KeyError, ValueError,
    IndexError, OverflowError, NotImplementedError, RuntimeError,
)  # fmt: skip


@contextmanager
def damage_told() -> Iterator[None]:
    """Raises ReleaseError in place of what a broken workbook raises, not of a broken disk."""
    try:
        yield
    except DAMAGE as error:
        raise ReleaseError("damaged_workbook") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # A place before the start of the file.
            raise
        raise ReleaseError("damaged_workbook") from error


class Archive:
    """A ZIP file that is safe to read.

    file: seekable. Raises ReleaseError, before anything is unpacked, when it is broken or a bomb.
    """

    def __init__(self, file: BinaryIO) -> None:
        file.seek(0, 2)
        size = file.tell()
        if _directory_size(file, size) > LARGEST_DIRECTORY:
            raise ReleaseError("too_many_parts", most=MOST_PARTS)
        with damage_told():
            self._zip = zipfile.ZipFile(file)
        parts = self._zip.infolist()
        unpacked = sum(part.file_size for part in parts)
        if any(part.compress_type not in METHODS for part in parts):
            raise ReleaseError("damaged_workbook")
        if len(parts) > MOST_PARTS:
            raise ReleaseError("too_many_parts", most=MOST_PARTS)
        if unpacked > MOST_BYTES or unpacked > max(UNSUSPICIOUS, LARGEST_RATIO * size):
            raise ReleaseError("too_large_unpacked", found=unpacked, most=MOST_BYTES)

    def __contains__(self, name: object) -> bool:
        return name in self._zip.NameToInfo

    def refuse_others(self) -> None:
        """Raises ReleaseError when the names of the parts show that it is no workbook."""
        names = self._zip.NameToInfo
        if START not in names or not any("workbook" in name.casefold() for name in names):
            raise ReleaseError("not_a_workbook")

    def open(self, name: str) -> IO[bytes]:
        """A part as a stream, of the size that the directory says and no more."""
        return self._zip.open(name)


def _directory_size(file: BinaryIO, size: int) -> int:
    """What the end of the file says about its directory, which zipfile reads as a whole."""
    start = max(0, size - LONGEST_END)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + END.size:
        raise ReleaseError("damaged_workbook")
    found = int(END.unpack_from(tail, at)[1])
    if at >= LOCATOR_64.size:
        mark, place = LOCATOR_64.unpack_from(tail, at - LOCATOR_64.size)
        if mark == b"PK\x06\x07":
            file.seek(min(place, size))
            record = file.read(END_64.size)
            found = max(found % 0xFFFFFFFF, _size_64(record))
    return found


def _size_64(record: bytes) -> int:
    return int(END_64.unpack(record)[1]) if len(record) == END_64.size else 0
