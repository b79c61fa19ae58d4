"""The lines of an uploaded file as text, numbered and hashed on the way, in constant memory."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from enrichment.uploads.messages import ReleaseError

LONGEST_LINE = (
    128 * 1024
)  # bytes; no good row comes near, and no CSV field can exceed csv's own limit
BOM = b"\xef\xbb\xbf"
UNASSIGNED_IN_CP932 = frozenset("\x80\xa0\uf8f1\uf8f2\uf8f3")
SIGNATURES = {
    b"\xff\xfe": "utf_16",
    b"\xfe\xff": "utf_16",
    b"PK\x03\x04": "spreadsheet",
    b"\xd0\xcf\x11\xe0": "spreadsheet",
    b"\x1f\x8b": "compressed",
}


class Readable(Protocol):
    """A binary file that gives its lines."""

    def readline(self, size: int = ..., /) -> bytes: ...


@dataclass(frozen=True)
class Line:
    """One line with its end, or several joined; the number is that of the first, from 1."""

    number: int
    text: str
    too_long: bool = False  # the text was thrown away

    @property
    def blank(self) -> bool:
        return not self.too_long and not self.text.strip()


class Lines:
    """An iterator over the lines of a file; a line can be put back.

    Raises ReleaseError where the file turns out not to be UTF-8 text.
    """

    def __init__(self, file: Readable) -> None:
        self._file = file
        self._hash = hashlib.sha256()
        self._number = 0
        self._offset = 0  # bytes before the current line
        self._is_utf8 = False  # proven by characters beyond ASCII
        self._returned: list[Line] = []  # the next one last

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._returned:
            return self._returned.pop()
        raw = self._read()
        if not raw:
            raise StopIteration
        self._number += 1
        line = self._line(raw)
        self._offset += len(raw)
        if line.too_long:
            self._skip_rest(raw)
        return line

    def put_back(self, lines: list[Line]) -> None:
        """The next lines will be these, in their order."""
        self._returned.extend(reversed(lines))

    @property
    def sha256(self) -> str:
        """Of all bytes read so far, hexadecimal."""
        return self._hash.hexdigest()

    def _read(self) -> bytes:
        raw = self._file.readline(LONGEST_LINE)
        self._hash.update(raw)
        return raw

    def _skip_rest(self, raw: bytes) -> None:
        while raw and not raw.endswith(b"\n"):
            raw = self._read()
            self._offset += len(raw)

    def _line(self, raw: bytes) -> Line:
        if self._number == 1:
            _refuse_other_formats(raw)
        if len(raw) == LONGEST_LINE and not raw.endswith(b"\n"):
            return Line(self._number, "", too_long=True)
        return Line(self._number, self._decoded(raw))

    def _decoded(self, raw: bytes) -> str:
        try:
            text = raw.decode("utf-8-sig" if self._number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise self._wrong_encoding(raw, error) from error
        self._is_utf8 = self._is_utf8 or not raw.isascii()
        return text

    def _wrong_encoding(self, raw: bytes, error: UnicodeDecodeError) -> ReleaseError:
        mark = len(BOM) if self._number == 1 and raw.startswith(BOM) else 0
        offset = self._offset + mark + error.start + 1
        code = "not_utf8" if self._is_utf8 or mark or not _is_cp932(raw) else "shift_jis"
        return ReleaseError(code, row=self._number, offset=offset)


def _refuse_other_formats(raw: bytes) -> None:
    for signature, code in SIGNATURES.items():
        if raw.startswith(signature):
            raise ReleaseError(code)


def _is_cp932(raw: bytes) -> bool:
    """Whether the bytes are assigned there; Python decodes five that are not."""
    try:
        return UNASSIGNED_IN_CP932.isdisjoint(raw.decode("cp932"))
    except UnicodeDecodeError:
        return False
