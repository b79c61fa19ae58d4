"""XLSX: from the visible sheet with a header to raw rows."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import BinaryIO, NamedTuple

from enrichment.uploads.archives import MOST_PARTS, START, Archive, damage_told
from enrichment.uploads.cells import Formats
from enrichment.uploads.columns import MOST_TRIED, STRONG, Columns, tell, without_blank_end
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


class Header(NamedTuple):
    """A row that names columns."""

    sheet: str
    number: int
    rows: Iterator[tuple[int, Cells]]  # those below
    names: list[str]


class Workbook:
    """The rows under the first header on a visible sheet.

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
            self.sheet, number, self._rows, header = self._header(sheets, columns)
            self._places = [*columns.header(header, f"{self.sheet}!{number}").items()]

    def __iter__(self) -> Iterator[RawRow]:
        """Raises ReleaseError where the workbook is damaged."""
        with damage_told():
            for number, cells in self._rows:
                values = {
                    column: self._formats.value(cells[at], column, self._strings)
                    if at in cells
                    else ""
                    for column, at in self._places
                }
                if any(map(_is_filled, values.values())) or any(self._texts(cells)):
                    yield RawRow(number, values)

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

    def _header(self, sheets: list[Sheet], columns: Columns) -> Header:
        """The first row that surely fits, on any visible sheet.

        One with vague names counts on the first filled sheet alone, since other sheets have lists
        of codes and names as well. Without any, the likeliest.
        """
        tried: list[tuple[Sheet, Header, Cells]] = []
        for sheet in self._visible(sheets):
            for header, cells in islice(self._filled(sheet), MOST_TRIED):
                if columns.fit(header.names, STRONG):
                    return header
                tried.append((sheet, header, cells))
        if not tried:
            raise ReleaseError("empty_file")
        for sheet, header, _ in tried:
            if sheet == tried[0][0] and columns.fit(header.names):
                return self._again(sheet, header.number)
        lacking = [row for row in tried if not columns.fit(row[1].names)]
        sheet, header, cells = max(lacking, key=lambda row: columns.likeness(row[1].names))
        if formula := _formula(header.number, cells):
            raise ReleaseError("formula_cell", field=f"{sheet.name}!{formula}")
        return header

    def _visible(self, sheets: list[Sheet]) -> list[Sheet]:
        """Each once, however often the workbook names it."""
        visible = {sheet.part: sheet for sheet in sheets if sheet.is_visible}
        if not visible:
            raise ReleaseError("no_visible_sheet")
        return [*visible.values()]

    def _again(self, sheet: Sheet, number: int) -> Header:
        """The row of this number, with all the rows below it."""
        return next(row for row, _ in self._filled(sheet) if row.number == number)

    def _filled(self, sheet: Sheet) -> Iterator[tuple[Header, Cells]]:
        """The rows that may be the header, each with the rows below it."""
        rows = iter(Rows(self._archive.open(sheet.part)))
        for number, cells in rows:
            if names := without_blank_end(self._texts(cells)):
                yield Header(sheet.name, number, rows, names), cells

    def _texts(self, cells: Cells) -> list[str]:
        """The texts from the first column on; what is no text is empty."""
        texts = [""] * (max(cells) + 1)
        for at, cell in cells.items():
            value = self._formats.value(cell, "note", self._strings)
            texts[at] = value.strip() if isinstance(value, str) else ""
        return texts


def _is_filled(value: str | Unreadable) -> bool:
    return isinstance(value, Unreadable) or bool(value.strip())


def _formula(row: int, cells: Cells) -> str:
    """Where a row has a formula, as in B1, or nothing."""
    at = next((at for at, cell in cells.items() if cell.is_formula), None)
    if at is None:
        return ""
    return (chr(ord("@") + at // 26) if at >= 26 else "") + chr(ord("A") + at % 26) + str(row)


def _relations_part(part: str) -> str:
    folder, name = posixpath.split(part)
    return posixpath.join(folder, "_rels", name + ".rels")


def _part(relations: Mapping[str, Relation], kind: str) -> str:
    return next((relation.part for relation in relations.values() if relation.kind == kind), "")
