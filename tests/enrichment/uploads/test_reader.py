"""What reading a release gives as a whole, the same in every format."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from enrichment import uploads
from enrichment.uploads import ReleaseError, Row, RowError, read
from tests.enrichment.uploads.reading import (
    GOOD,
    HEADER,
    SAMPLE,
    errors,
    line,
    reader,
    rows,
    taken,
    workbook,
)

Table = list[list[str]]


def delimited(table: Table, delimiter: str = ",") -> str:
    file = io.StringIO(newline="")
    csv.writer(file, delimiter=delimiter).writerows(table)
    return file.getvalue()


def records(table: Table) -> list[dict[str, Any]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1:]]


FORMATS: dict[tuple[str, str], Callable[[Table], bytes]] = {
    ("csv", "utf-8"): lambda table: delimited(table).encode(),
    ("csv", "utf-8-sig"): lambda table: delimited(table).encode("utf-8-sig"),
    ("csv", "cp932"): lambda table: delimited(table).encode("cp932"),
    ("csv", "euc_jp"): lambda table: delimited(table).encode("euc_jp"),
    ("tsv", "utf-16"): lambda table: delimited(table, "\t").encode("utf-16"),
    ("xlsx", ""): lambda table: workbook(*table),
    ("json", "utf-8"): lambda table: json.dumps(records(table), ensure_ascii=False).encode(),
    ("jsonl", "cp932"): lambda table: "\n".join(
        json.dumps(record, ensure_ascii=False) for record in records(table)
    ).encode("cp932"),
}

SIMILAR = str.maketrans("～－＇", "ー-'")  # Written otherwise, or not at all, in EUC-JP.


@pytest.fixture
def table() -> Table:
    """2,000 titles under a header, all of which CP932 and EUC-JP can write."""
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        found = [*csv.reader(file)]
    plain = [[value.translate(SIMILAR) for value in row] for row in found]
    writable = [
        [
            value.encode("euc_jp", "ignore")
            .decode("euc_jp")
            .encode("cp932", "ignore")
            .decode("cp932")
            for value in row
        ]
        for row in plain
    ]
    for row in writable[1:]:
        row[1] = row[1].strip() or "題"
    return writable


BAD_ROWS: dict[int, tuple[int, str, tuple[str, str]]] = {
    # line: column, value, and what is told
    2: (0, "", ("id", "missing")),
    100: (0, "C 100", ("id", "bad_id")),
    200: (0, "C" * 65, ("id", "too_long")),
    300: (1, " ", ("titleJp", "missing")),
    400: (1, "長" * 301, ("titleJp", "too_long")),
    500: (1, "上\t下", ("titleJp", "control_character")),
    600: (2, "カ\x00ナ", ("titleKana", "control_character")),
    700: (3, "長" * 2_001, ("creator", "too_long")),
    800: (4, '=HYPERLINK("http://example.com")', ("originalCreator", "formula")),
    900: (5, "1999年13月", ("firstPublished", "bad_date")),
    1_000: (5, "まだ", ("firstPublished", "bad_date")),
}


def test_thirteen_bad_rows_of_2000_in_cp932_are_told_exactly(table: Table) -> None:
    for number, (column, value, _) in BAD_ROWS.items():
        table[number - 1][column] = value
    table[1_100].append("余り")
    table[1_102] = table[1_101]
    read_rows = reader(delimited(table).encode("cp932"))
    found = [row for row in read_rows if isinstance(row, RowError)]
    assert [(error.number, error.field, error.code) for error in found] == [
        *((number, *told) for number, (_, _, told) in BAD_ROWS.items()),
        (1_101, "", "too_many_columns"),
        (1_103, "id", "duplicate_row"),
    ]
    assert (read_rows.encoding, read_rows.good_rows, read_rows.bad_rows) == ("cp932", 1_987, 13)


@pytest.mark.parametrize(("format_", "encoding"), FORMATS)
def test_the_same_titles_are_read_from_every_format(
    table: Table, format_: str, encoding: str
) -> None:
    read_rows = reader(FORMATS[format_, encoding](table))
    found = [row.title for row in read_rows if isinstance(row, Row)]
    expected = [row.title for row in rows(delimited(table)) if isinstance(row, Row)]
    assert (read_rows.format, read_rows.encoding) == (format_, encoding)
    assert found == expected
    assert len(found) == 2_000
    assert read_rows.columns == {column: column for column in HEADER.strip().split(",")}


def test_the_sample_release_is_good_throughout() -> None:
    with SAMPLE.open("rb") as file:
        found = [*read(file)]
    assert [row for row in found if isinstance(row, RowError)] == []
    assert len(found) == 2_000


def test_a_repeated_id_names_the_first_row() -> None:
    duplicate = rows(HEADER + GOOD + "C2,別\n" + "C1,他\n")[-1]
    assert duplicate == RowError(4, "id", "duplicate_id", {"id": "C1", "first": 2})


def test_a_repeated_row_says_so() -> None:
    assert errors(HEADER + GOOD + GOOD) == [(3, "id", "duplicate_row")]


def test_an_id_of_a_bad_row_is_free() -> None:
    text = "id,titleJp\nC1,\nC1,ひまわり\n"
    assert (errors(text), taken(text)) == ([(2, "titleJp", "missing")], [3])


def test_a_row_with_several_errors_is_one_bad_row() -> None:
    read_rows = reader("id,titleJp,firstPublished\nC 1,,soon\n")
    assert len([*read_rows]) == 3
    assert (read_rows.good_rows, read_rows.bad_rows) == (0, 1)


@pytest.mark.parametrize("bad", [0, 2])
def test_too_many_rows_refuse_the_file(monkeypatch: pytest.MonkeyPatch, bad: int) -> None:
    monkeypatch.setattr(uploads, "MOST_ROWS", 5)
    lines = [line(id="!") for _ in range(bad)] + [line(id=f"C{at}") for at in range(5 - bad)]
    assert len(rows("".join(lines))) == 5
    with pytest.raises(ReleaseError) as caught:
        rows("".join([*lines, line(id="D")]))
    assert (caught.value.code, caught.value.parameters) == ("too_many_rows", {"most": 5})
