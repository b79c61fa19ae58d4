"""XLSX: which sheet is read, and what its cells say."""

from __future__ import annotations

from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings

from enrichment.uploads import Row, TitleFields
from enrichment.uploads.rows import COLUMNS
from tests.enrichment.uploads.reading import (
    ANY,
    MAIN,
    RELATIONS,
    archive,
    good,
    reader,
    refused,
    releases,
    rows,
    saved,
    sheet_xml,
    taken,
    text_cells,
    workbook,
)

HEADER = ["作品ID", "作品名", "発売日", "備考"]


def test_a_row_is_taken_with_its_number_in_the_sheet() -> None:
    content = workbook([], HEADER, [], ["C1", "ひまわり", None, "読切"])
    read_rows = reader(content)
    assert [*read_rows] == [Row(4, TitleFields("C1", "ひまわり", first_published="", note="読切"))]
    assert (read_rows.sheet, read_rows.encoding) == ("作品", "")
    assert read_rows.columns == dict(
        zip(["id", "titleJp", "firstPublished", "note"], HEADER, strict=True)
    )


def test_a_formula_in_an_ignored_column_does_no_harm() -> None:
    content = workbook(["id", "titleJp", "判型"], ["C1", "一", "=1+1"])
    assert (taken(content), reader(content).ignored_columns) == ([2], ["判型"])


def test_values_beside_the_table_are_ignored() -> None:
    assert taken(workbook(["id", "titleJp"], ["C1", "一", None, "メモ"])) == [2]


def test_rows_with_format_and_no_value_are_no_rows() -> None:
    header = f'<row r="1">{text_cells("id", "titleJp")}</row>'
    content = archive(
        f'{header}<row r="2">{text_cells("C1", "一")}</row><row r="1048576"><c s="1"/></row>'
    )
    assert taken(content) == [2]


def test_the_first_visible_sheet_with_content_is_read() -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].title = "空"
    hidden = made.create_sheet("隠し")
    hidden.append(["id", "titleJp"])
    hidden.sheet_state = "hidden"
    made.create_chartsheet("グラフ")
    for name in ("新刊", "既刊"):
        made.create_sheet(name).append(["id", "titleJp"])
        made[name].append([name.encode().hex()[:8], name])
    read_rows = reader(saved(made))
    assert [row.title.title_jp for row in read_rows if isinstance(row, Row)] == ["新刊"]
    assert read_rows.sheet == "新刊"


def test_a_header_may_stand_below_titles_and_on_another_sheet() -> None:
    made = openpyxl.Workbook()
    made.worksheets[0].append(["表紙", "2026年"])
    sheet = made.create_sheet("一覧")
    for row in (["作品一覧"], [None, " "], HEADER, ["C1", "一"]):
        sheet.append(row)
    read_rows = reader(saved(made))
    assert [row.number for row in read_rows] == [4]
    assert read_rows.sheet == "一覧"


def test_the_place_that_was_taken_for_the_header_is_told() -> None:
    error = refused(workbook([], ["価格", "在庫"], [5, 1]))
    assert (error.code, error.parameters["row"]) == ("missing_columns", "作品!2")


def test_blank_cells_make_no_row() -> None:
    blank = ["\u3000", " "]
    table: list[list[Any]] = [
        blank,
        ["id", "titleJp", " "],
        blank,
        ["C1", "一"],
        [None, None, "  "],
        ["C2", "二"],
    ]
    read_rows = reader(workbook(*table))
    assert [row.number for row in read_rows if isinstance(row, Row)] == [4, 6]
    assert read_rows.bad_rows == 0


def test_a_formula_in_the_header_is_named() -> None:
    error = refused(workbook([None, "作品名", '="id"'], ["C1", "一", "x"]))
    assert (error.code, error.parameters) == ("formula_cell", {"field": "作品!C1"})


def of_two_sheets(first: list[list[str]], second: list[list[str]]) -> bytes:
    made = openpyxl.Workbook()
    for sheet, table in ((made.worksheets[0], first), (made.create_sheet("二"), second)):
        for row in table:
            sheet.append(row)
    return saved(made)


def test_a_list_of_codes_and_names_is_not_taken_for_the_titles() -> None:
    codes, titles = [["コード", "名称"], ["1", "少年"]], [["作品ID", "タイトル"], ["C1", "一"]]
    assert good(of_two_sheets(codes, titles)) == [TitleFields("C1", "一")]
    unknown = [["作品の番", "書籍の名"], ["C1", "一"]]
    assert refused(of_two_sheets(unknown, codes)).code == "missing_columns"


def test_vague_names_are_enough_on_the_only_sheet() -> None:
    found = reader(of_two_sheets([["新刊"], ["コード", "名称"], ["C1", "一"], ["C2", "二"]], []))
    assert [row.number for row in found if isinstance(row, Row)] == [3, 4]


def test_a_workbook_without_a_visible_sheet_is_refused() -> None:
    part = f"""<workbook xmlns:r='{RELATIONS}'><sheets>
        <sheet name='作品' state='veryHidden' r:id='s1'/></sheets></workbook>"""
    assert refused(archive("", {"xl/workbook.xml": part})).code == "no_visible_sheet"


@pytest.mark.parametrize(
    ("table", "code"),
    [
        ([], "empty_file"),
        ([["id", "titleJp"]], "no_rows"),
        ([["価格"], [5]], "missing_columns"),
        ([["id", "作品名", "書名"], ["C1", "一", "二"]], "repeated_columns"),
        ([[f"列{number}" for number in range(101)]], "too_wide"),
    ],
)
def test_a_sheet_without_a_usable_table_is_refused(table: list[list[Any]], code: str) -> None:
    assert refused(workbook(*table)).code == code


def test_the_reading_beside_kanji_is_no_part_of_a_text() -> None:
    text = "<r><t>海</t></r><r><t>山</t></r><rPh sb='0' eb='1'><t>ウミ</t></rPh><phoneticPr/>"
    data = (
        f'<row r="1">{text_cells("id", "titleJp")}</row>'
        f'<row r="2">{text_cells("C1")}<c t="inlineStr"><is>{text}</is></c></row>'
        f'<row r="3">{text_cells("C2")}<c t="s"><v>0</v></c></row>'
    )
    relations = (
        f"<Relationships><Relationship Id='s1' Type='{RELATIONS}/worksheet'"
        f" Target='worksheets/sheet1.xml'/><Relationship Id='s2' Type='{RELATIONS}/sharedStrings'"
        " Target='sharedStrings.xml'/></Relationships>"
    )
    shared = f"<sst xmlns='{MAIN}'><si>{text}</si></sst>"
    parts = {"xl/_rels/workbook.xml.rels": relations, "xl/sharedStrings.xml": shared}
    assert [title.title_jp for title in good(archive(data, parts))] == ["海山", "海山"]


def test_what_xml_cannot_hold_is_unescaped() -> None:
    cells = text_cells("C1", "_x005F_x000A_", "上_x000D_\n下")
    header = f'<row r="1">{text_cells("id", "titleJp", "note")}</row>'
    assert good(archive(f'{header}<row r="2">{cells}</row>')) == [
        TitleFields("C1", "_x000A_", note="上\n下")
    ]


def test_elements_may_have_any_prefix_and_rows_no_number() -> None:
    cells = text_cells("id", "titleJp").replace("<", "<x:").replace("<x:/", "</x:")
    title = text_cells("C1", "一").replace("<", "<x:").replace("<x:/", "</x:")
    part = (
        f"<x:worksheet xmlns:x='{MAIN}'><x:sheetData><x:row>{cells}</x:row>"
        f"<x:row>{title}</x:row></x:sheetData></x:worksheet>"
    )
    assert rows(archive("", {"xl/worksheets/sheet1.xml": part})) == [
        Row(2, TitleFields("C1", "一"))
    ]


@pytest.mark.parametrize(
    "data",
    [
        '<row r="2"/><row r="1"/>',
        '<row r="1048577"/>',
        '<row r="x"/>',
        '<row r="2"><c t="s"><v>0</v></c></row>',
        '<row r="2"><c><v>zwei</v></c></row>',
        '<row r="2"><c t="b"><v>9</v></c></row>',
        '<row r="2"><c t="b"><v>-1</v></c></row>',
        "<row r='2'>",
        "<row r='2'></c></row>",
        "\x01",
    ],
)
def test_a_damaged_sheet_refuses_the_workbook(data: str) -> None:
    header = f'<row r="1">{text_cells("id", "titleJp")}</row>'
    assert refused(archive(header + data)).code == "damaged_workbook"


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE x [<!ENTITY a "' + "ha" * 50 + '"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
    ],
)
def test_declarations_of_entities_are_refused(declaration: str) -> None:
    for name in ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "_rels/.rels"):
        part = sheet_xml("&b;", declaration)
        assert refused(archive("", {name: part})).code == "unsafe_workbook"


def test_an_endless_tag_refuses_the_workbook() -> None:
    data = f'<row r="1">{text_cells("id", "titleJp")}</row><row spans="' + "1" * 2_000_000
    assert refused(archive(data)).code == "damaged_workbook"


def test_an_endless_text_is_no_endless_tag() -> None:
    header = f'<row r="1">{text_cells("id", "titleJp")}</row>'
    data = f'{header}<!-- x -->{" " * 3_000_000}<row r="2">{text_cells("C1", "一")}</row>'
    assert taken(archive(data)) == [2]


def test_a_cell_longer_than_excel_allows_is_not_kept_whole() -> None:
    data = (
        f'<row r="1">{text_cells("id", "titleJp")}</row>'
        f'<row r="2">{text_cells("C1", "長" * 1_000_000)}</row>'
    )
    (found,) = rows(archive(data))
    assert int(found.parameters["length"]) < 500_000  # type: ignore[union-attr]


@settings(deadline=None, max_examples=20)
@given(releases(ANY))
def test_what_openpyxl_writes_is_read_back(written: list[TitleFields]) -> None:
    table = [[getattr(title, name) for name in COLUMNS.values()] for title in written]
    assert good(workbook([*COLUMNS], *table)) == written
