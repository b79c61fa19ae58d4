"""Which rows of a release are taken, and what people are told about the others."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from pathlib import Path
from string import Formatter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import Reader, Row, TitleFields, read
from enrichment.uploads.lines import LONGEST_LINE
from enrichment.uploads.messages import TEXTS, ReleaseError, RowError
from enrichment.uploads.rows import COLUMNS
from mangaassist.language import Language

SAMPLE = Path(__file__).parents[3] / "local" / "sample" / "releases.csv"
HEADER = "id,titleJp,titleKana,creator,originalCreator,firstPublished,note\n"
GOOD = "C1,ひまわり探偵,ヒマワリタンテイ,山田花子,,1999-07-01,読切\n"
TITLE = TitleFields("C1", "ひまわり探偵", "ヒマワリタンテイ", "山田花子", "", "1999-07-01", "読切")

# What a value may hold: nothing hidden at its ends, no half characters, no controls.
values = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Cf"]), max_size=50
).map(str.strip)
titles = st.builds(
    TitleFields,
    id=st.from_regex(r"[A-Za-z0-9._:-]{1,64}", fullmatch=True),
    title_jp=values.filter(lambda text: text.isprintable() and text != ""),
    title_kana=values,
    creator=values,
    original_creator=values,
    first_published=st.dates().map(str) | st.sampled_from(["", "1999", "1999-07"]),
    note=values | st.just("一\n二\t\"三\", '四'"),
)


def reader(text: str | bytes) -> Reader:
    return read(io.BytesIO(text.encode() if isinstance(text, str) else text))


def rows(text: str | bytes) -> list[Row | RowError]:
    return [*reader(text)]


def errors(text: str | bytes) -> list[tuple[int, str, str]]:
    found = [row for row in rows(text) if isinstance(row, RowError)]
    assert all(error.text(language) for error in found for language in Language)
    return [(error.number, error.field, error.code) for error in found]


def taken(text: str | bytes) -> list[int]:
    return [row.number for row in rows(text) if isinstance(row, Row)]


def line(**changes: Any) -> str:
    record = {"id": "C1", "titleJp": "ひまわり探偵"} | changes
    return json.dumps(record, ensure_ascii=False) + "\n"


def refused(text: str | bytes) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        rows(text)
    assert all(caught.value.text(language) for language in Language)
    return caught.value


def test_a_csv_row_is_taken() -> None:
    assert rows(HEADER + GOOD) == [Row(2, TITLE)]


def test_a_json_line_is_taken() -> None:
    record = dict(zip(COLUMNS, GOOD.strip().split(","), strict=True))
    assert rows(line(**record)) == [Row(1, TITLE)]


@pytest.mark.parametrize("before", ["\ufeff", "\n \n", "\ufeff\r\n"])
def test_a_byte_order_mark_and_blank_lines_come_before_either_format(before: str) -> None:
    assert len(taken(before + HEADER + GOOD)) == len(taken(before + line())) == 1


def test_only_id_and_title_are_required() -> None:
    assert rows("titleJp,id\nひまわり,C1") == [Row(2, TitleFields("C1", "ひまわり"))]


def test_rows_may_leave_out_their_last_columns() -> None:
    assert rows(HEADER + "C1,ひまわり\n") == [Row(2, TitleFields("C1", "ひまわり"))]


def test_white_space_around_values_is_removed() -> None:
    assert rows(" id , titleJp \n C1\t,\u3000ひまわり \n") == [
        Row(2, TitleFields("C1", "ひまわり"))
    ]


def test_null_in_json_is_an_empty_value() -> None:
    assert rows(line(note=None)) == [Row(1, TitleFields("C1", "ひまわり探偵"))]


def test_blank_rows_are_no_rows() -> None:
    read_rows = reader(HEADER + "\n,,,,,,\n  \r\n" + GOOD)
    assert [row.number for row in read_rows] == [5]
    assert (read_rows.good_rows, read_rows.bad_rows) == (1, 0)


def test_a_row_over_several_lines_has_the_number_of_its_first() -> None:
    text = 'id,titleJp,note\nC1,一,"上\n""中""\n下"\nC2,二,\n'
    assert rows(text) == [
        Row(2, TitleFields("C1", "一", note='上\n"中"\n下')),
        Row(5, TitleFields("C2", "二")),
    ]


def test_unknown_columns_are_ignored_and_told() -> None:
    read_rows = reader("id,price,titleJp\nC1,500,ひまわり")
    assert [*read_rows] == [Row(2, TitleFields("C1", "ひまわり"))]
    assert read_rows.ignored_columns == ["price"]


def test_unknown_names_in_json_are_told_once() -> None:
    read_rows = reader(line(id="C1", price="1") + line(id="C2", price="2"))
    assert len([*read_rows]) == 2
    assert read_rows.ignored_columns == ["price"]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"id": ""}, "id", "missing"),
        ({"titleJp": "\u3000"}, "titleJp", "missing"),
        ({"titleJp": "\u200b"}, "titleJp", "missing"),
        ({"id": "C" * 65}, "id", "too_long"),
        ({"id": "C 1"}, "id", "bad_id"),
        ({"id": "Ｃ１"}, "id", "bad_id"),
        ({"titleJp": "長" * 301}, "titleJp", "too_long"),
        ({"note": "長" * 2_001}, "note", "too_long"),
        ({"creator": "a\x00b"}, "creator", "control_character"),
        ({"titleJp": "上\n下"}, "titleJp", "control_character"),
        ({"note": "\x1b[0m"}, "note", "control_character"),
        ({"titleJp": "\ufffe海"}, "titleJp", "control_character"),
        ({"firstPublished": "1999/07/01"}, "firstPublished", "bad_date"),
        ({"firstPublished": "1999-13"}, "firstPublished", "bad_date"),
        ({"firstPublished": "1999-02-29"}, "firstPublished", "bad_date"),
        ({"firstPublished": "0000"}, "firstPublished", "bad_date"),
        ({"firstPublished": "１９９９"}, "firstPublished", "bad_date"),
        ({"firstPublished": 1999}, "firstPublished", "wrong_type"),
        ({"titleJp": ["ひまわり"]}, "titleJp", "wrong_type"),
    ],
)
def test_a_bad_value_is_told_with_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    assert errors(line(**changes)) == [(1, field, code)]


@pytest.mark.parametrize("day", ["1999", "1999-07", "2000-02-29", ""])
def test_dates_may_be_partial_or_absent(day: str) -> None:
    assert taken(line(firstPublished=day)) == [1]


@pytest.mark.parametrize(
    "changes",
    [{"id": "C" * 64}, {"titleJp": "長" * 300}, {"note": "長" * 2_000}, {"id": "a.B_9:-"}],
)
def test_values_up_to_their_limits_are_taken(changes: dict[str, str]) -> None:
    assert taken(line(**changes)) == [1]


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    read_rows = reader("id,titleJp,firstPublished\nC 1,,soon\n")
    assert [row.code for row in read_rows if isinstance(row, RowError)] == [
        "bad_id",
        "missing",
        "bad_date",
    ]
    assert (read_rows.good_rows, read_rows.bad_rows) == (0, 1)


def test_half_a_character_in_json_is_told() -> None:
    assert errors('{"id": "C1", "titleJp": "\\ud83d"}') == [(1, "titleJp", "half_character")]


def test_a_repeated_id_names_the_first_row() -> None:
    duplicate = rows(HEADER + GOOD + "C2,別\n" + GOOD)[-1]
    assert duplicate == RowError(4, "id", "duplicate_id", {"id": "C1", "first": 2})


def test_an_id_of_a_bad_row_is_free() -> None:
    text = "id,titleJp\nC1,\nC1,ひまわり\n"
    assert (errors(text), taken(text)) == ([(2, "titleJp", "missing")], [3])


def test_too_many_columns_are_told() -> None:
    assert errors("id,titleJp\nC1,一,二\n") == [(2, "", "too_many_columns")]


@pytest.mark.parametrize("rest", ["", "C2,二\n" * 3, "C2,二\n" * 500])
def test_a_forgotten_quote_costs_one_row(rest: str) -> None:
    text = 'id,titleJp\nC1,"一\n' + rest
    found = errors(text)
    assert found[0] == (2, "", "unclosed_quote")
    assert taken(text) == ([3] if rest else [])


@pytest.mark.parametrize("row", ['C1,"一"二\n', "C1,一\rC2,二\n"])
def test_misplaced_quotes_and_line_breaks_cost_one_row(row: str) -> None:
    text = "id,titleJp\n" + row + "C3,三\n"
    assert (errors(text), taken(text)) == ([(2, "", "bad_quote")], [3])


@pytest.mark.parametrize("head", ["id,titleJp\nC1,", '{"id": "C0", "titleJp": "一"}\n{"id":'])
def test_an_endless_line_costs_one_row(head: str) -> None:
    good = "C3,三\n" if head.startswith("id") else line(id="C3")
    text = head + "長" * LONGEST_LINE + "\n" + good
    assert errors(text) == [(2, "", "line_too_long")]
    assert taken(text)[-1] == 3


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ('{"id": "C1", "titleJp": "一"} x', "invalid_json"),
        ('{"id": "C1", "note": ' + "[" * 50_000, "invalid_json"),
        ('{"id": "C1", "note": ' + "9" * 5_000 + "}", "invalid_json"),
        ("5", "not_an_object"),
        ('["C1"]', "not_an_object"),
        ('{"id": "C1", "id": "C2"}', "repeated_name"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_json_line_costs_one_row(text: str, code: str) -> None:
    whole = line(id="C0") + text + "\n" + line(id="C9")
    assert (errors(whole), taken(whole)) == ([(2, "", code)], [1, 3])


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty_file"),
        ("\ufeff\n  \n", "empty_file"),
        (HEADER, "no_rows"),
        (HEADER + "\n,,,\n", "no_rows"),
        ("[\n" + line() + "]", "json_array"),
        ("id,title\nC1,一\n", "missing_columns"),
        ("id\ttitleJp\nC1\t一\n", "missing_columns"),
        ("id,titleJp,id\nC1,一,C2\n", "repeated_columns"),
        ('id,"titleJp\nC1,一\n', "bad_header"),
        ("id,titleJp".encode("utf-16"), "utf_16"),
        (b"PK\x03\x04...", "spreadsheet"),
        (b"\xd0\xcf\x11\xe0...", "spreadsheet"),
        (b"\x1f\x8b...", "compressed"),
        ((HEADER + GOOD).encode("cp932"), "shift_jis"),
        (HEADER.encode() + b"C1,\xff\n", "not_utf8"),
    ],
)
def test_a_file_that_is_no_release_is_refused_as_a_whole(text: str | bytes, code: str) -> None:
    assert refused(text).code == code


def test_a_broken_byte_after_good_utf8_is_not_taken_for_another_encoding() -> None:
    assert refused((HEADER + GOOD).encode() + "C9,海\n".encode("cp932")).code == "not_utf8"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_wrong_encoding_is_told_with_row_and_byte(mark: bytes) -> None:
    good = mark + b"id,titleJp\nC1,ab\n"
    error = refused(good + b"C2,\xfd\n")
    assert error.parameters == {"row": 3, "offset": len(good) + len(b"C2,") + 1}


def test_a_wrong_encoding_in_the_first_line_counts_the_byte_order_mark() -> None:
    assert refused(b"\xef\xbb\xbfid,\xfd\n").parameters == {"row": 1, "offset": 7}


def test_missing_columns_are_named() -> None:
    assert refused("a,b\n").parameters == {"missing": "id, titleJp"}


def test_the_hash_is_that_of_all_bytes() -> None:
    content = ("\ufeff" + HEADER + GOOD + "長" * LONGEST_LINE + "\n" + GOOD).encode()
    read_rows = reader(content)
    assert len([*read_rows]) == 3
    assert read_rows.sha256 == hashlib.sha256(content).hexdigest()


class Endless:
    """Rows without end, of which only so many may be asked for."""

    def __init__(self, allowed: int) -> None:
        self.allowed = allowed
        self.number = 0

    def readline(self, size: int = -1, /) -> bytes:
        self.number += 1
        assert self.number <= self.allowed, "read ahead of what was needed"
        return b"id,titleJp\n" if self.number == 1 else f"C{self.number},x\n".encode()


def test_a_row_is_given_before_the_next_is_read() -> None:
    found = iter(read(Endless(allowed=3)))
    assert [next(found), next(found)] == [
        Row(2, TitleFields("C2", "x")),
        Row(3, TitleFields("C3", "x")),
    ]


def test_the_sample_release_is_good_throughout() -> None:
    with SAMPLE.open("rb") as file:
        found = [*read(file)]
    assert [row for row in found if isinstance(row, RowError)] == []
    assert len(found) == 2_000


@settings(deadline=None)
@given(st.lists(titles, min_size=1, max_size=5, unique_by=lambda title: title.id))
def test_what_a_csv_writer_writes_is_read_back(written: list[TitleFields]) -> None:
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(COLUMNS)
    writer.writerows([getattr(title, name) for name in COLUMNS.values()] for title in written)
    assert [row.title for row in rows(file.getvalue()) if isinstance(row, Row)] == written


@settings(deadline=None)
@given(st.lists(titles, min_size=1, max_size=5, unique_by=lambda title: title.id), st.booleans())
def test_what_a_json_writer_writes_is_read_back(written: list[TitleFields], escape: bool) -> None:
    text = "\n".join(
        json.dumps(
            {column: getattr(title, name) for column, name in COLUMNS.items()}, ensure_ascii=escape
        )
        for title in written
    )
    assert [row.title for row in rows(text) if isinstance(row, Row)] == written


fragments = st.sampled_from(
    [b'"', b",", b"\n", b"\r", b"{", b"}", b"[", b"C1,x\n", b"\xe6\xb5\xb7", b"\x00"]
)


@settings(deadline=None)
@given(
    st.sampled_from([b"", b"id,titleJp\n", b"{}\n"]),
    st.lists(fragments | st.binary(max_size=5), max_size=30),
)
def test_any_bytes_give_rows_or_told_errors(start: bytes, parts: list[bytes]) -> None:
    read_rows = reader(start + b"".join(parts))
    try:
        found = [*read_rows]
    except ReleaseError as error:
        assert error.text("ja")
        return
    assert read_rows.good_rows == sum(isinstance(row, Row) for row in found)
    assert all(row.text("en") for row in found if isinstance(row, RowError))


@pytest.mark.parametrize("code", TEXTS)
def test_every_code_says_the_same_in_both_languages(code: str) -> None:
    texts = TEXTS[code]
    names = [sorted(name for _, name, _, _ in Formatter().parse(text) if name) for text in texts]
    assert names[0] == names[1]
    assert re.search("[ぁ-ん]", texts.ja)
    assert re.fullmatch(r"[^ぁ-ん一-鿿]+", texts.en)


@pytest.mark.parametrize("language", Language)
def test_a_row_error_reads_as_a_sentence(language: Language) -> None:
    error = rows(HEADER + GOOD + GOOD)[-1]
    assert isinstance(error, RowError)
    assert (
        error.text(language)
        == {
            Language.JA: "id の C1 は 2 行目にもあります。どちらか一つにしてください。",
            Language.EN: "id C1 is on row 2 already. Keep one of the two.",
        }[language]
    )


def test_two_forgotten_quotes_lose_no_row_between_them() -> None:
    file = b'id,titleJp\nA,"x\nB,y\nC,"z\nD,w\n'
    found = list(read(io.BytesIO(file)))
    assert [one.number for one in found] == [2, 3, 4, 5]
    assert [one.title.id for one in found if isinstance(one, Row)] == ["B", "D"]
