"""The cells of a worksheet, row by row, from its XML in constant memory."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import IO, NamedTuple
from xml.parsers import expat

from enrichment.uploads.columns import MOST_COLUMNS
from enrichment.uploads.messages import ReleaseError

CHUNK = 64 * 1024  # bytes of XML
LONGEST_TAG = 1_000_000  # bytes; expat would look at all of a longer one again and again
LAST_ROW = 1_048_576  # of any workbook
MOST_CELLS = 16_384  # of a row of any workbook
MOST_BLANK = 10_000  # rows without a value before the first one with; a sheet with more is empty
LONGEST_CELL = 32_767  # characters that Excel allows; more are not kept
MOST_STRINGS = 2_000_000
MOST_CHARACTERS = 50_000_000  # of them together
MOST_ELEMENTS = 1_000_000  # of a part that describes a workbook

ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how a workbook writes what XML cannot hold

Attributes = dict[str, str]


class Cell(NamedTuple):
    """One cell as the sheet has it; `kind` is its type and `style` the number of its format."""

    text: str
    kind: str
    style: int
    is_formula: bool


class Element(NamedTuple):
    """The start of an XML element; prefixes are left out."""

    name: str
    attributes: Attributes
    parent: str


Cells = dict[int, Cell]  # by column, from 0; empty cells are left out


def parser(start: Callable[[str, Attributes], None]) -> expat.XMLParserType:
    """A parser of XML that refuses the declarations which entity bombs need."""
    made = expat.ParserCreate()
    made.buffer_text = True
    made.StartDoctypeDeclHandler = _refuse
    made.StartElementHandler = start
    return made


def _refuse(*_: object) -> None:
    raise ReleaseError("unsafe_workbook")


def parsed(made: expat.XMLParserType, part: IO[bytes]) -> Iterator[None]:
    """Parses a part piece by piece. Raises ReleaseError for endless tags, ExpatError for others."""
    size = 0
    while data := part.read(CHUNK):
        made.Parse(data)
        size += len(data)
        if size - made.CurrentByteIndex > LONGEST_TAG:
            raise ReleaseError("damaged_workbook")
        yield
    made.Parse(b"", True)


def local(name: str) -> str:
    """An element's name without its prefix."""
    return name[name.find(":") + 1 :]


def unescape(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def elements(part: IO[bytes]) -> Iterator[Element]:
    """The elements of a small part. Raises ReleaseError when it is not small."""
    parents: list[str] = [""]
    found: list[Element] = []

    def start(name: str, attributes: Attributes) -> None:
        found.append(Element(local(name), attributes, parents[-1]))
        parents.append(local(name))

    made = parser(start)
    made.EndElementHandler = lambda _: parents.pop()
    total = 0
    for _ in parsed(made, part):
        yield from found
        total += len(found)
        found.clear()
        if total > MOST_ELEMENTS:
            raise ReleaseError("damaged_workbook")


class Pieces:
    """Collects the text between tags, up to what a cell can hold."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._size = 0

    def add(self, text: str) -> None:
        if self._size < LONGEST_CELL:
            self._pieces.append(text)
            self._size += len(text)

    def take(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._size = 0
        return text


def shared_strings(part: IO[bytes]) -> list[str]:
    """The texts that cells refer to by their number, without the readings beside kanji."""
    reader = _Strings()
    for _ in parsed(reader.parser, part):
        pass
    return reader.found


class _Strings:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._size = 0
        self._pieces = Pieces()
        self._in_reading = False
        self.parser = parser(self._start)
        self.parser.EndElementHandler = self._end

    def _start(self, name: str, _: Attributes) -> None:
        name = local(name)
        if name == "t" and not self._in_reading:
            self.parser.CharacterDataHandler = self._pieces.add
        elif name == "rPh":
            self._in_reading = True

    def _end(self, name: str) -> None:
        name = local(name)
        self.parser.CharacterDataHandler = None
        if name == "rPh":
            self._in_reading = False
        elif name == "si":
            text = unescape(self._pieces.take())
            self.found.append(text)
            self._size += len(text)
            if len(self.found) > MOST_STRINGS:
                raise ReleaseError("too_many_texts", most=MOST_STRINGS)
            if self._size > MOST_CHARACTERS:
                raise ReleaseError("too_much_text", most=MOST_CHARACTERS)


class Rows:
    """Iterates over (number, cells) of the rows of a sheet that have a value.

    Raises ReleaseError when rows are not in their order, ExpatError when the XML is broken.
    """

    def __init__(self, part: IO[bytes]) -> None:
        self._part = part
        self._rows: list[tuple[int, Cells]] = []  # read, but not given yet
        self._pieces = Pieces()
        self._number = 0
        self._cells: Cells = {}
        self._column = -1
        self._elements = 0  # cells of the present row, with a value or without
        self._some = False  # whether a row had a value
        self._blank = 0  # rows before that one
        self._in_reading = False
        self._new_cell({})
        self._parser = parser(self._start)
        self._parser.EndElementHandler = self._end

    def __iter__(self) -> Iterator[tuple[int, Cells]]:
        for _ in parsed(self._parser, self._part):
            yield from self._rows
            self._rows.clear()
            if self._blank > MOST_BLANK:
                return

    def _start(self, name: str, attributes: Attributes) -> None:
        name = local(name)
        if name == "c":
            self._new_cell(attributes)
        elif name == "v" or (name == "t" and not self._in_reading):
            self._parser.CharacterDataHandler = self._pieces.add
        elif name == "f":
            self._is_formula = True
        elif name == "rPh":
            self._in_reading = True
        elif name == "row":
            self._new_row(attributes)

    def _end(self, name: str) -> None:
        self._parser.CharacterDataHandler = None
        name = local(name)
        if name == "c":
            self._keep_cell()
        elif name == "rPh":
            self._in_reading = False
        elif name == "row" and self._cells:
            self._rows.append((self._number, self._cells))
            self._some = True
        elif name == "row" and not self._some:
            self._blank += 1

    def _new_row(self, attributes: Attributes) -> None:
        number = int(attributes.get("r", self._number + 1))
        if not self._number < number <= LAST_ROW:
            raise ReleaseError("damaged_workbook")
        self._number, self._cells, self._column, self._elements = number, {}, -1, 0

    def _new_cell(self, attributes: Attributes) -> None:
        reference = attributes.get("r")
        self._column = _column(reference) if reference else self._column + 1
        self._kind = attributes.get("t", "n")
        self._style = int(attributes.get("s", 0))
        self._is_formula = False
        self._elements += 1
        if self._elements > MOST_CELLS:
            raise ReleaseError("damaged_workbook")

    def _keep_cell(self) -> None:
        text = self._pieces.take()
        if not text and not self._is_formula:
            return
        if self._column <= MOST_COLUMNS:  # One more shows that a header is too wide.
            self._cells[self._column] = Cell(text, self._kind, self._style, self._is_formula)


def _column(reference: str) -> int:
    """The column of a cell such as AB12, from 0."""
    column = 0
    for character in reference[:4]:
        if not "A" <= character <= "Z":
            break
        column = column * 26 + ord(character) - 64
    return column - 1
