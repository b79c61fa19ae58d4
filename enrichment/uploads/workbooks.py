"""XLSX: from a workbook's first visible sheet to raw rows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from enrichment.uploads.archives import MOST_PARTS, START, Archive, damage_told
from enrichment.uploads.cells import Formats
from enrichment.uploads.columns import Columns, tell
from enrichment.uploads.messages import ReleaseError
from enrichment.uploads.rows import RawRow, Unreadable
from enrichment.uploads.sheets import Cells, Element, Rows, elements, shared_strings


class Relation(NamedTuple):
    """What one part of a workbook says of another."""

    kind: str  # the last word of its type
    part: str


class Sheet(NamedTuple):
    """One tab of a workbook."""

    name: str
    part: str
    is_visible: bool


class Workbook:
    """The rows under the header of the first visible sheet with content.

    file: seekable. Raises ReleaseError when there is no such sheet or its header cannot be used.
    """

    def __init__(self, file: BinaryIO, columns: Columns) -> None:
        self._archive = Archive(file)
        with damage_told():
            main = self._main_part()
            relations = self._relations(main)
            sheets, since_1904 = self._contents(main, relations)
            self._formats = Formats(
                self._elements(_part(relations, "styles")), since_1904=since_1904
            )
            self._strings = self._shared_strings(_part(relations, "sharedStrings"))
            self.sheet, self._rows, header = self._first_with_content(sheets)
            self._places = [*columns.header(header).items()]

    def __iter__(self) -> Iterator[RawRow]:
        """Raises ReleaseError where the workbook is damaged."""
        with damage_told():
            for number, cells in self._rows:
                yield RawRow(
                    number,
                    {
                        column: self._formats.value(cells[at], column, self._strings)
                        for column, at in self._places
                        if at in cells
                    },
                )

    def _elements(self, part: str) -> Iterator[Element]:
        """None for a part that a workbook may lack and does lack."""
        if part:
            with self._archive.open(part) as stream:
                yield from elements(stream)

    def _shared_strings(self, part: str) -> list[str]:
        if not part:
            return []
        with self._archive.open(part) as stream:
            return shared_strings(stream)

    def _main_part(self) -> str:
        part = ""
        if START in self._archive:
            part = _part(self._relations(""), "officeDocument")
        root = next(self._elements(part), None) if part.endswith(".xml") else None
        if not root or root.name != "workbook":
            raise ReleaseError("not_a_workbook")
        return part

    def _relations(self, part: str) -> dict[str, Relation]:
        """By their ids."""
        folder = posixpath.dirname(part)
        found: dict[str, Relation] = {}
        for name, attributes, _ in self._elements(_relations_part(part)):
            if name != "Relationship" or attributes.get("TargetMode") == "External":
                continue
            target = posixpath.normpath(posixpath.join("/", folder, attributes["Target"]))
            kind = posixpath.basename(attributes["Type"])
            found[attributes["Id"]] = Relation(kind, target.strip("/"))
            if len(found) > MOST_PARTS:
                raise ReleaseError("too_many_parts", most=MOST_PARTS)
        return found

    def _contents(self, main: str, relations: Mapping[str, Relation]) -> tuple[list[Sheet], bool]:
        """The sheets, and whether days count from 1904."""
        sheets: list[Sheet] = []
        since_1904 = False
        for name, attributes, _ in self._elements(main):
            if name == "workbookPr":
                since_1904 = attributes.get("date1904") in ("1", "true")
            elif name == "sheet":
                key = next((attributes[name] for name in attributes if name.endswith(":id")), "")
                is_visible = attributes.get("state", "visible") == "visible"
                if relations[key].kind == "worksheet":  # There are sheets of charts and macros.
                    sheets.append(Sheet(tell(attributes["name"]), relations[key].part, is_visible))
        return sheets, since_1904

    def _first_with_content(
        self, sheets: list[Sheet]
    ) -> tuple[str, Iterator[tuple[int, Cells]], list[str]]:
        """Name, rows below the header, and header."""
        visible = {sheet.part: sheet for sheet in sheets if sheet.is_visible}
        if not visible:
            raise ReleaseError("no_visible_sheet")
        for sheet in visible.values():
            reader = Rows(self._archive.open(sheet.part))
            rows = iter(reader)
            for _, cells in rows:
                return sheet.name, rows, self._header(cells)
        raise ReleaseError("empty_file")

    def _header(self, cells: Cells) -> list[str]:
        header = [""] * (max(cells) + 1)
        for at, cell in cells.items():
            name = self._formats.value(cell, "note", self._strings)
            header[at] = "" if isinstance(name, Unreadable) else name
        return header


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def _part(relations: Mapping[str, Relation], kind: str) -> str:
    return next((relation.part for relation in relations.values() if relation.kind == kind), "")
