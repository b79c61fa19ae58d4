"""The text of an uploaded file, and its lines with their numbers, in constant memory."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from enrichment.uploads.encodings import ERRORS

LONGEST_LINE = 128 * 1024  # characters; csv takes no longer field
ENDS = "\x1a\0\r\n"


class Text(io.TextIOWrapper):
    """The text of somebody else's binary file from its start, line ends as they are."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        file.seek(0)
        errors = ERRORS.get(encoding, "strict")
        super().__init__(file, encoding=encoding, errors=errors, newline="")

    def close(self) -> None:
        """Leaves the file open to its owner; the end of this object would close it."""
        self.detach()


class Line(NamedTuple):
    """One line with its end, or several joined; the number is that of the first, from 1."""

    number: int
    text: str
    too_long: bool = False  # the text was thrown away


def is_blank(text: str) -> bool:
    """Whether a line has nothing but white space, or what old systems put at the end of a file."""
    return text.isspace() or not text.strip(ENDS)


class Lines:
    """An iterator over the lines of a text; a line can be put back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._text = text
        self._number = 0
        self._returned: list[Line] = []  # the next one last

    def __iter__(self) -> Iterator[Line]:
        return self

    def __next__(self) -> Line:
        if self._returned:
            return self._returned.pop()
        text = self._text.readline(LONGEST_LINE + 2)
        if not text:
            raise StopIteration
        self._number += 1
        if len(text) > LONGEST_LINE and len(text.rstrip("\r\n")) > LONGEST_LINE:
            self._skip_rest(text)
            return Line(self._number, "", too_long=True)
        return Line(self._number, text)

    def put_back(self, lines: list[Line]) -> None:
        """The next lines will be these, in their order."""
        self._returned.extend(reversed(lines))

    def _skip_rest(self, text: str) -> None:
        while text and not text.endswith(("\n", "\r")):
            text = self._text.readline(LONGEST_LINE)
