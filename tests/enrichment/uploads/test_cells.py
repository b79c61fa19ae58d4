"""What cells of a workbook say."""

from __future__ import annotations

import datetime
import io
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import numbers
from openpyxl.utils.datetime import MAC_EPOCH

from enrichment.uploads.cells import shown
from tests.enrichment.uploads.reading import (
    RELATIONS,
    archive,
    errors,
    good,
    rows,
    saved,
    text_cells,
)

HEADER = ["作品ID", "作品名", "発売日", "備考"]


def cell(value: Any, *, column: int = 2, form: str = "General") -> bytes:
    """A workbook with one title that has this cell."""
    made = openpyxl.Workbook()
    sheet = made.worksheets[0]
    sheet.append(HEADER)
    sheet.append(["C1", "題", None, None])
    found = sheet.cell(2, column)
    found.value, found.number_format = value, form
    return saved(made)


@pytest.mark.parametrize(
    ("value", "text"), [(123, "123"), (123.0, "123"), (1.5, "1.5"), (10**14, "1" + "0" * 14)]
)
def test_a_number_is_text_as_it_looks(value: float, text: str) -> None:
    assert [title.title_jp for title in good(cell(value))] == [text]


@pytest.mark.parametrize(
    ("value", "form", "iso"),
    [
        (datetime.date(2026, 11, 24), "yyyy-mm-dd", "2026-11-24"),
        (datetime.datetime(2026, 11, 24, 13, 30), 'yyyy"年"m"月"d"日"', "2026-11-24"),
        (datetime.date(2026, 11, 1), 'yyyy"年"m"月"', "2026-11"),
        (datetime.date(2026, 1, 1), "yyyy", "2026"),
        (datetime.date(2026, 11, 24), "[$-411]ge.m.d", "2026-11-24"),
        (2026, "General", "2026"),
        ("2026年11月", "@", "2026-11"),
        (36526, "m/d/yyyy", "2000-01-01"),
        (1, "yyyy/m/d", "1900-01-01"),
        (61, "yyyy/m/d", "1900-03-01"),
    ],
)
def test_a_date_cell_is_a_date(value: Any, form: str, iso: str) -> None:
    assert [title.first_published for title in good(cell(value, column=3, form=form))] == [iso]


def test_days_may_count_from_1904() -> None:
    made = openpyxl.Workbook()
    made.epoch = MAC_EPOCH
    made.worksheets[0].append(HEADER)
    made.worksheets[0].append(["C1", "題", datetime.date(2026, 11, 24)])
    assert good(saved(made))[0].first_published == "2026-11-24"


@pytest.mark.parametrize("number", [14, 27, 31, 36, 50, 57])
def test_the_formats_of_excel_in_japan_need_no_code(number: int) -> None:
    styles = f"<styleSheet><cellXfs><xf/><xf numFmtId='{number}'/></cellXfs></styleSheet>"
    header = f'<row r="1">{text_cells("id", "titleJp", "発売日")}</row>'
    data = f'{header}<row r="2">{text_cells("C1", "題")}<c s="1"><v>46350</v></c></row>'
    relations = (
        f"<Relationships><Relationship Id='s1' Type='{RELATIONS}/worksheet'"
        f" Target='worksheets/sheet1.xml'/><Relationship Id='s2' Type='{RELATIONS}/styles'"
        " Target='/xl/styles.xml'/></Relationships>"
    )
    parts = {"xl/styles.xml": styles, "xl/_rels/workbook.xml.rels": relations}
    assert good(archive(data, parts))[0].first_published == "2026-11-24"


@pytest.mark.parametrize(
    ("code", "length"),
    [
        ("General", 0),
        ("G/標準", 0),
        ("0.00E+00", 0),
        ("h:mm:ss", 0),
        ("mm:ss", 0),
        ("@", 0),
        ("Standard", 0),
        ('#,##0"yd"', 0),
        ("[Red]0", 0),
        ("m/d", 10),
        ("yyyy/mm", 7),
        ('ggge"年"', 4),
        (numbers.FORMAT_DATE_DATETIME, 10),
    ],
)
def test_a_format_tells_how_much_of_a_date_it_shows(code: str, length: int) -> None:
    assert shown(code) == length


def test_a_format_longer_than_excel_allows_is_not_looked_at_whole() -> None:
    assert shown("[" * 255 + "]" + "yyyy") == 0


@pytest.mark.parametrize(
    ("value", "form", "code"),
    [
        ("=A1&B1", "General", "formula_cell"),
        ("#N/A", "General", "cell_error"),
        (True, "General", "boolean_cell"),
        (datetime.date(2026, 3, 4), "m/d", "date_cell"),
    ],
)
def test_a_cell_that_holds_no_title_is_told(value: Any, form: str, code: str) -> None:
    assert errors(cell(value, form=form)) == [(2, "titleJp", code)]


def test_the_error_of_a_cell_is_named() -> None:
    (found,) = rows(cell("#N/A"))
    assert "#N/A" in found.text("ja")  # type: ignore[union-attr]


@pytest.mark.parametrize("number", [2_958_466, 2_999_999, 99_999_999])
def test_a_number_that_no_calendar_has_costs_one_row(number: int) -> None:
    content = cell(number, column=3, form="yyyy/m/d")
    assert errors(content) == [(2, "firstPublished", "no_calendar_date")]


def test_the_calendar_ends_earlier_when_days_count_from_1904() -> None:
    made = openpyxl.load_workbook(io.BytesIO(cell(2_957_004, column=3, form="yyyy/m/d")))
    made.epoch = MAC_EPOCH
    made.worksheets[0]["C2"].value = 2_957_004
    assert errors(saved(made)) == [(2, "firstPublished", "no_calendar_date")]


def test_a_year_with_a_fraction_is_no_month() -> None:
    assert errors(cell(1999.1, column=3)) == [(2, "firstPublished", "bad_date")]


@pytest.mark.parametrize(
    ("value", "form", "text"),
    [
        (123, "00000", "00123"),
        (123, "[Red]00000;-0", "00123"),
        (-1, "000", "-001"),
        (123, "0", "123"),
        (1234, "#,##0", "1234"),
        (5, "0.00", "5"),
        (5, "@", "5"),
    ],
)
def test_an_id_keeps_the_zeros_that_its_format_shows(value: int, form: str, text: str) -> None:
    assert [title.id for title in good(cell(value, column=1, form=form))] == [text]


@pytest.mark.parametrize(
    ("value", "form"), [(1, '"C"0000'), (1, "000-0000"), (1, "0.0%"), (1.5, "000")]
)
def test_an_id_that_only_its_format_shows_is_told(value: float, form: str) -> None:
    assert errors(cell(value, column=1, form=form)) == [(2, "id", "formatted_cell")]


def test_a_number_that_lost_digits_is_told() -> None:
    assert errors(cell(1234567890123456789, column=1)) == [(2, "id", "too_many_digits")]


@pytest.mark.parametrize("value", ["nan", "inf", "-1e999"])
def test_a_number_that_is_none_costs_one_row(value: str) -> None:
    header = f'<row r="1">{text_cells("id", "titleJp")}</row>'
    data = f'{header}<row r="2">{text_cells("C1")}<c><v>{value}</v></c></row>'
    assert errors(archive(data)) == [(2, "titleJp", "cell_error")]
