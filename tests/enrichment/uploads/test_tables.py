"""CSV and TSV: which lines are a row."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import ReleaseError, Row, RowError, TitleFields
from enrichment.uploads.lines import LONGEST_LINE
from enrichment.uploads.rows import COLUMNS
from tests.enrichment.uploads.reading import (
    ANY,
    GOOD,
    HEADER,
    TITLE,
    errors,
    good,
    reader,
    refused,
    releases,
    rows,
    taken,
)


def test_a_csv_row_is_taken() -> None:
    assert rows(HEADER + GOOD) == [Row(2, TITLE)]


def test_a_header_with_tabs_makes_a_tsv() -> None:
    read_rows = reader((HEADER + GOOD).replace(",", "\t"))
    assert ([*read_rows], read_rows.format) == ([Row(2, TITLE)], "tsv")


def test_commas_in_a_tsv_are_plain_text() -> None:
    assert good("id\ttitleJp\nC1\t一,二\n") == [TitleFields("C1", "一,二")]


def test_tabs_inside_quotes_of_a_header_are_no_delimiter() -> None:
    assert good('id,titleJp,"a\t\t\t"\nC1,一,\n') == [TitleFields("C1", "一")]


def test_only_id_and_title_are_required() -> None:
    assert rows("titleJp,id\nひまわり,C1") == [Row(2, TitleFields("C1", "ひまわり"))]


def test_rows_may_leave_out_their_last_columns() -> None:
    assert rows(HEADER + "C1,ひまわり\n") == [
        Row(2, TitleFields("C1", "ひまわり", "", "", "", "", ""))
    ]


def test_blank_rows_are_no_rows() -> None:
    read_rows = reader(HEADER + "\n,,,,,,\n  \r\n" + GOOD)
    assert [row.number for row in read_rows] == [5]
    assert (read_rows.good_rows, read_rows.bad_rows) == (1, 0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(end: str) -> None:
    assert taken((HEADER + GOOD + "C2,別\n").replace("\n", end)) == [2, 3]


def test_a_row_over_several_lines_has_the_number_of_its_first() -> None:
    text = 'id,titleJp,note\nC1,一,"上\n""中""\n下"\nC2,二,\n'
    assert rows(text) == [
        Row(2, TitleFields("C1", "一", note='上\n"中"\n下')),
        Row(5, TitleFields("C2", "二", note="")),
    ]


def test_a_header_may_go_on_over_lines() -> None:
    assert rows('id,"タイトル\n（日本語）",titleJp\nC1,,一\n')[0].number == 3


def test_too_many_columns_are_told() -> None:
    assert errors("id,titleJp\nC1,一,二\n") == [(2, "", "too_many_columns")]


@pytest.mark.parametrize("rest", ["", "C2,二\n" * 3, "C2,二\n" * 500])
def test_a_forgotten_quote_costs_one_row(rest: str) -> None:
    text = 'id,titleJp\nC1,"一\n' + rest
    found = errors(text)
    assert found[0] == (2, "", "unclosed_quote")
    assert taken(text) == ([3] if rest else [])


def test_two_forgotten_quotes_lose_no_row_between_them() -> None:
    found = rows('id,titleJp\nA,"x\nB,y\nC,"z\nD,w\n')
    assert [one.number for one in found] == [2, 3, 4, 5]
    assert [one.title.id for one in found if isinstance(one, Row)] == ["B", "D"]


def test_misplaced_quotes_cost_one_row() -> None:
    text = 'id,titleJp\nC1,"一"二\nC3,三\n'
    assert (errors(text), taken(text)) == ([(2, "", "bad_quote")], [3])


def test_an_endless_line_costs_one_row() -> None:
    text = "id,titleJp\nC1," + "長" * LONGEST_LINE + "\nC3,三\n"
    assert (errors(text), taken(text)) == ([(2, "", "line_too_long")], [3])


def test_a_line_as_long_as_allowed_is_read() -> None:
    text = "id,titleJp\nC1," + "長" * (LONGEST_LINE - 3) + "\r\nC3,三\n"
    assert (errors(text), taken(text)) == ([(2, "titleJp", "too_long")], [3])


def test_a_value_over_lines_that_csv_would_not_take_costs_one_row() -> None:
    text = 'id,titleJp\nC1,"' + ("長" * 9_999 + "\n") * 20 + '"\nC3,三\n'
    assert (errors(text), taken(text)) == ([(2, "", "line_too_long")], [23])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("id,title of book\nC1,一\n", "missing_columns"),
        ('id,"titleJp\nC1,一\n', "bad_header"),
        ("id,titleJp," + "x" * LONGEST_LINE + "\nC1,一\n", "bad_header"),
        (",".join(f"c{number}" for number in range(101)) + "\n1,2\n", "too_wide"),
        ("42", "json_scalar"),
        ("null\n", "json_scalar"),
    ],
    ids=lambda value: value[:20],
)
def test_an_unusable_header_refuses_the_file(text: str, code: str) -> None:
    assert refused(text).code == code


def test_the_line_of_an_unreadable_header_is_told() -> None:
    assert refused('\n\nid,"titleJp\nC1,一\n').parameters == {"row": 3}


def test_semicolons_may_separate_values() -> None:
    read_rows = reader('id;titleJp;"a,b,c"\nC1;一,二;\n')
    assert [*read_rows] == [Row(2, TitleFields("C1", "一,二"))]
    assert read_rows.format == "csv"


@pytest.mark.parametrize("header", ["id|titleJp", "id：titleJp", "id"])
def test_a_single_column_is_told_with_what_separates_columns(header: str) -> None:
    error = refused(header + "\nC1\n")
    assert (error.code, error.parameters) == ("single_column", {"row": 1, "found": header})


@pytest.mark.parametrize("end", [",", "," * 200, ", ,\u3000,"])
def test_empty_columns_at_the_end_are_none(end: str) -> None:
    assert taken(f"id,titleJp{end}\nC1,一{end}\n") == [2]
    assert taken(f"id,titleJp\nC1,一{end}\n") == [2]


@pytest.mark.parametrize("blank", [",,", " ", "\u3000,\u3000", '"",""'])
def test_blank_rows_may_come_before_the_header_and_between_rows(blank: str) -> None:
    assert taken(f"{blank}\nid,titleJp,note\n{blank}\nC1,一,\n{blank}\nC2,二,\n") == [4, 6]


@pytest.mark.parametrize(
    "above", ["作品一覧\n", "作品一覧,,\n,,\n2026年,出力,\n", "作品;一覧;表\n", "2026\n"]
)
def test_titles_may_stand_above_the_header(above: str) -> None:
    text = above + "id,titleJp,note\nC1,一,\n"
    assert good(text) == [TitleFields("C1", "一", note="")]


def test_a_mapped_header_may_stand_below_titles() -> None:
    text = "作品一覧,\n本,番号\n一,C1\n"
    assert good(text, mapping={"titleJp": "本"}) == [TitleFields("C1", "一")]


def test_a_header_is_looked_for_in_ten_rows_only() -> None:
    header = "id,titleJp\nC1,一\n"
    assert taken("題,表\n" * 9 + header) == [11]
    error = refused("題,表\n" * 10 + header)
    assert (error.code, error.parameters["row"]) == ("missing_columns", "1")


def test_the_row_that_was_taken_for_the_header_is_told() -> None:
    error = refused("\n,,\n価格,在庫\n1,2\n")
    assert (error.code, error.parameters["row"]) == ("missing_columns", "3")


@pytest.mark.parametrize("end", ["\x1a", "\0\0\0", "\x1a\r\n"])
def test_what_old_systems_put_at_the_end_is_no_row(end: str) -> None:
    assert taken("id,titleJp\nC1,一\n" + end) == [2]
    assert taken('{"id": "C1", "titleJp": "一"}\n' + end) == [1]
    assert taken('[{"id": "C1", "titleJp": "一"}]\n' + end) == [1]


@settings(deadline=None, max_examples=50)
@given(releases(ANY), st.sampled_from([",", "\t", ";"]))
def test_what_a_writer_writes_is_read_back(written: list[TitleFields], delimiter: str) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file, delimiter=delimiter)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(title, name) for name in COLUMNS.values()] for title in written)
    assert good(file.getvalue()) == written


fragments = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"{", b"}", b"[", b"C1,x\n", b"\xe6\xb5\xb7", b"\x00", b"\x83\x5c"]
)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from([b"", b"id,titleJp\n", b"{}\n", b"[{", b"id\ttitleJp\r\n"]),
    st.lists(fragments | st.binary(max_size=5), max_size=30),
)
def test_any_bytes_give_rows_or_told_errors(start: bytes, parts: list[bytes]) -> None:
    try:
        read_rows = reader(start + b"".join(parts))
        found = [*read_rows]
    except ReleaseError as error:
        assert error.text("ja")
        return
    assert read_rows.good_rows == sum(isinstance(row, Row) for row in found)
    assert all(row.text("en") for row in found if isinstance(row, RowError))


@pytest.mark.parametrize(
    "header", ["id,titleJp,note(a;b;c;d)", "id\ttitleJp\t備考(,と;,と;を書く)", "id;titleJp;a,b"]
)
def test_a_header_is_split_where_it_then_fits(header: str) -> None:
    delimiter = header[2]
    assert good(f"{header}\nC1{delimiter}一\n") == [TitleFields("C1", "一")]


@pytest.mark.parametrize("above", ['"春"の新刊一覧', '6" 一覧'])
def test_a_title_above_the_header_may_be_no_csv(above: str) -> None:
    assert good(f"{above}\nid,titleJp\nC1,一\n") == [TitleFields("C1", "一")]


def test_of_rows_that_do_not_fit_the_likeliest_is_told() -> None:
    error = refused("漫画一覧\nid,書籍の名\nC1,一\n")
    assert (error.code, error.parameters["row"]) == ("missing_columns", "2")
    assert "書籍の名" in error.text("ja")


def test_a_header_that_comes_again_is_no_row() -> None:
    assert good("id,titleJp\nC1,一\nid,titleJp\nC2,二\n") == [
        TitleFields("C1", "一"),
        TitleFields("C2", "二"),
    ]
