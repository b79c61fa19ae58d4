"""Files for these tests, and what reading them gives."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import strategies as st

from enrichment.uploads import Reader, ReleaseError, Row, RowError, TitleFields, read
from mangaassist.language import Language

SAMPLE = Path(__file__).parents[3] / "local" / "sample" / "releases.csv"
HEADER = "id,titleJp,titleKana,creator,originalCreator,firstPublished,note\n"
GOOD = "C1,ひまわり探偵,ヒマワリタンテイ,山田花子,,1999-07-01,読切\n"
TITLE = TitleFields("C1", "ひまわり探偵", "ヒマワリタンテイ", "山田花子", "", "1999-07-01", "読切")

OFFICE = "http://schemas.openxmlformats.org"
RELATIONS = f"{OFFICE}/officeDocument/2006/relationships"
MAIN = f"{OFFICE}/spreadsheetml/2006/main"


def values(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """What a column may hold, given its characters: no white space at its ends, no formula."""
    return st.text(alphabet, max_size=50).map(str.strip).filter(lambda text: text[:1] not in "=+-@")


def titles(characters: st.SearchStrategy[str]) -> st.SearchStrategy[TitleFields]:
    return st.builds(
        TitleFields,
        id=st.from_regex(r"[A-Za-z0-9._:][A-Za-z0-9._:-]{0,63}", fullmatch=True),
        title_jp=values(characters).filter(lambda text: text.isprintable() and text != ""),
        title_kana=values(characters),
        creator=values(characters),
        original_creator=values(characters),
        first_published=st.dates().map(str) | st.sampled_from(["", "1999", "1999-07"]),
        note=values(characters) | st.just("一\n二\t\"三\", '四'"),
        volumes=st.sampled_from(["", "1", "204"]),
        price=st.sampled_from(["", "748", "12000"]),
        availability=st.sampled_from(["", "in_stock", "preorder", "backorder", "out_of_stock"]),
    )


def releases(characters: st.SearchStrategy[str]) -> st.SearchStrategy[list[TitleFields]]:
    return st.lists(titles(characters), min_size=1, max_size=5, unique_by=lambda title: title.id)


# Nothing hidden at the ends, no half characters, no controls.
ANY = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Cf"])


def reader(content: str | bytes, **options: Any) -> Reader:
    return read(io.BytesIO(content.encode() if isinstance(content, str) else content), **options)


def rows(content: str | bytes, **options: Any) -> list[Row | RowError]:
    return [*reader(content, **options)]


def errors(content: str | bytes, **options: Any) -> list[tuple[int, str, str]]:
    found = [row for row in rows(content, **options) if isinstance(row, RowError)]
    assert all(error.text(language) for error in found for language in Language)
    return [(error.number, error.field, error.code) for error in found]


def taken(content: str | bytes, **options: Any) -> list[int]:
    return [row.number for row in rows(content, **options) if isinstance(row, Row)]


def good(content: str | bytes, **options: Any) -> list[TitleFields]:
    return [row.title for row in rows(content, **options) if isinstance(row, Row)]


def refused(content: str | bytes, **options: Any) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        rows(content, **options)
    assert all(caught.value.text(language) for language in Language)
    return caught.value


def read_from_disk(content: bytes) -> None:
    """Rows or a told error of what may be damaged, in a real file: seeking fails otherwise."""
    with tempfile.TemporaryFile() as file:
        file.write(content)
        try:
            [*read(file)]
        except ReleaseError as error:
            assert error.text("ja")


def line(**changes: Any) -> str:
    """One line of JSONL."""
    record = {"id": "C1", "titleJp": "ひまわり探偵"} | changes
    return json.dumps(record, ensure_ascii=False) + "\n"


def workbook(*table: Sequence[Any], title: str = "作品") -> bytes:
    """XLSX with one sheet, as openpyxl writes it."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.title = title
    for row in table:
        sheet.append([*row])
    return saved(made)


def saved(made: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def sheet_xml(data: str, before: str = "") -> str:
    return f'{before}<worksheet xmlns="{MAIN}"><sheetData>{data}</sheetData></worksheet>'


def text_cells(*texts: str) -> str:
    return "".join(f'<c t="inlineStr"><is><t>{text}</t></is></c>' for text in texts)


def archive(data: str, parts: Mapping[str, str | bytes] | None = None) -> bytes:
    """XLSX made by hand: one sheet with this data, and parts that go in or, when empty, out."""
    contents: dict[str, str | bytes] = {
        "_rels/.rels": f"<Relationships><Relationship Id='a' Type='{RELATIONS}/officeDocument'"
        " Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns:r='{RELATIONS}'><sheets>"
        "<sheet name='作品' sheetId='1' r:id='s1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships><Relationship Id='s1' Type='{RELATIONS}"
        "/worksheet' Target='worksheets/sheet1.xml'/></Relationships>",
        "xl/worksheets/sheet1.xml": sheet_xml(data),
        **(parts or {}),
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in contents.items():
            if content:
                packed.writestr(name, content)
    return file.getvalue()
