"""How much of a worksheet and its texts is kept."""

from __future__ import annotations

import pytest

from enrichment.uploads import sheets
from enrichment.uploads.archives import MOST_PARTS
from tests.enrichment.uploads.reading import RELATIONS, archive, refused, taken, text_cells

HEADER = f'<row r="1">{text_cells("id", "titleJp")}</row>'
TITLE = f'<row r="2">{text_cells("C1", "一")}</row>'


def relations(*more: str) -> str:
    return (
        f"<Relationships><Relationship Id='s1' Type='{RELATIONS}/worksheet'"
        f" Target='worksheets/sheet1.xml'/>{''.join(more)}</Relationships>"
    )


def with_texts(*texts: str, data: str = HEADER + TITLE) -> bytes:
    shared = f"<Relationship Id='s2' Type='{RELATIONS}/sharedStrings' Target='texts.xml'/>"
    parts = {
        "xl/_rels/workbook.xml.rels": relations(shared),
        "xl/texts.xml": f"<sst>{''.join(f'<si><t>{text}</t></si>' for text in texts)}</sst>",
    }
    return archive(data, parts)


def test_no_row_has_more_cells_than_excel_allows() -> None:
    assert taken(archive(f"{HEADER}{TITLE}<row r='3'>{'<c/>' * 16_384}</row>")) == [2]
    assert refused(archive(f"<row r='1'>{'<c/>' * 16_385}</row>")).code == "damaged_workbook"


def test_a_sheet_that_is_blank_for_long_is_empty() -> None:
    assert refused(archive("<row/>" * 30_000 + "<row>" + text_cells("id"))).code == "empty_file"


@pytest.mark.parametrize("limit", ["MOST_STRINGS", "MOST_CHARACTERS"])
def test_not_too_many_texts_are_kept(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, limit, 4)
    assert taken(with_texts("一", "二", "三", "四")) == [2]
    code = {"MOST_STRINGS": "too_many_texts", "MOST_CHARACTERS": "too_much_text"}[limit]
    assert refused(with_texts("一", "二", "三", "四", "五")).code == code


@pytest.mark.parametrize("index", ["-1", "1", " 0", "+0", "0_0", "０"])
def test_no_text_but_that_of_the_number_is_taken(index: str) -> None:
    data = f'{HEADER}<row r="2">{text_cells("C1")}<c t="s"><v>{index}</v></c></row>'
    assert refused(with_texts("一", data=data)).code == "damaged_workbook"


def test_not_too_many_relations_are_kept() -> None:
    many = [f"<Relationship Id='m{at}' Type='x' Target='y'/>" for at in range(MOST_PARTS)]
    parts = {"xl/_rels/workbook.xml.rels": relations(*many)}
    assert refused(archive(HEADER + TITLE, parts)).code == "too_many_parts"


def test_a_part_that_many_sheets_name_is_read_once() -> None:
    sheet = "<sheet name='空' sheetId='1' r:id='s1'/>"
    part = f"<workbook xmlns:r='{RELATIONS}'><sheets>{sheet * 50_000}</sheets></workbook>"
    assert refused(archive("", {"xl/workbook.xml": part})).code == "empty_file"
