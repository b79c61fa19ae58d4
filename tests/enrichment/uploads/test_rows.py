"""Which values are taken, in whatever format they come."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import Row, RowError, TitleFields
from enrichment.uploads import rows as rules
from enrichment.uploads.rows import COLUMNS, RawRow, Unreadable, check_row
from tests.enrichment.uploads.reading import SAMPLE


def checked(**changes: Any) -> Row | list[RowError]:
    return check_row(RawRow(1, {"id": "C1", "titleJp": "ひまわり探偵", **changes}))


def codes(**changes: Any) -> list[tuple[str, str]]:
    found = checked(**changes)
    return [] if isinstance(found, Row) else [(error.field, error.code) for error in found]


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"id": ""}, "id", "missing"),
        ({"titleJp": "\u3000"}, "titleJp", "missing"),
        ({"titleJp": "\u200b"}, "titleJp", "missing"),
        ({"titleJp": None}, "titleJp", "missing"),
        ({"id": "C" * 65}, "id", "too_long"),
        ({"id": "C 1"}, "id", "bad_id"),
        ({"id": "Ｃ１"}, "id", "bad_id"),
        ({"titleJp": "長" * 301}, "titleJp", "too_long"),
        ({"note": "長" * 2_001}, "note", "too_long"),
        ({"creator": "a\x00b"}, "creator", "control_character"),
        ({"titleJp": "上\n下"}, "titleJp", "control_character"),
        ({"note": "\x1b[0m"}, "note", "control_character"),
        ({"titleJp": "\ufffe海"}, "titleJp", "control_character"),
        ({"titleJp": "\ud83d"}, "titleJp", "half_character"),
        ({"firstPublished": "soon"}, "firstPublished", "bad_date"),
        ({"firstPublished": 1999.1}, "firstPublished", "wrong_type"),
        ({"creator": 5}, "creator", "wrong_type"),
        ({"titleJp": "上\u2028下"}, "titleJp", "control_character"),
        ({"note": "上\u2029下"}, "note", "control_character"),
        ({"titleJp": "\u202e題\u202c"}, "titleJp", "control_character"),
        ({"note": "\u2066題\u2069"}, "note", "control_character"),
        ({"titleJp": ["ひまわり"]}, "titleJp", "wrong_type"),
        ({"id": True}, "id", "wrong_type"),
        ({"id": 1.5}, "id", "wrong_type"),
        ({"note": Unreadable("formula_cell")}, "note", "formula_cell"),
    ],
)
def test_a_bad_value_is_told_with_its_field(changes: dict[str, Any], field: str, code: str) -> None:
    assert codes(**changes) == [(field, code)]


@pytest.mark.parametrize(
    "changes",
    [{"id": "C" * 64}, {"titleJp": "長" * 300}, {"note": "長" * 2_000}, {"id": "a.B_9:-"}],
)
def test_values_up_to_their_limits_are_taken(changes: dict[str, str]) -> None:
    assert codes(**changes) == []


def test_white_space_around_values_is_removed() -> None:
    found = checked(id=" C1\t", titleJp="\u3000ひまわり \n")
    assert found == Row(1, TitleFields("C1", "ひまわり"))


@pytest.mark.parametrize("number", [123, 123.0])
def test_a_whole_number_is_an_id(number: float) -> None:
    assert checked(id=number) == Row(1, TitleFields("123", "ひまわり探偵"))


@pytest.mark.parametrize(("number", "text"), [(12, "12"), (86.0, "86"), (1.5, "1.5")])
def test_a_number_may_be_a_title(number: float, text: str) -> None:
    assert checked(titleJp=number) == Row(1, TitleFields("C1", text))


@pytest.mark.parametrize(("number", "iso"), [(1999, "1999"), (19990701, "1999-07-01")])
def test_a_whole_number_may_be_a_date(number: int, iso: str) -> None:
    found = checked(firstPublished=number)
    assert found == Row(1, TitleFields("C1", "ひまわり探偵", first_published=iso))


@pytest.mark.parametrize(
    ("text", "told"), [("作品1", "作"), ("C 1", "U+0020"), ("C\u20281", "U+2028"), ("Ｃ１", "Ｃ")]
)
def test_the_first_character_that_no_id_has_is_named(text: str, told: str) -> None:
    (error,) = checked(id=text)  # type: ignore[misc]
    assert isinstance(error, RowError)
    assert told in error.text("ja")
    assert told in error.text("en")


def test_lines_of_a_note_end_in_one_way() -> None:
    found = checked(note="上\r\n中\n下")
    assert found == Row(1, TitleFields("C1", "ひまわり探偵", note="上\n中\n下"))


def test_a_date_is_taken_as_iso_8601_writes_it() -> None:
    found = checked(firstPublished="２０２６年１１月")
    assert found == Row(1, TitleFields("C1", "ひまわり探偵", first_published="2026-11"))


def test_everything_wrong_with_a_row_is_told_at_once() -> None:
    assert codes(id="C 1", titleJp="", firstPublished="soon") == [
        ("id", "bad_id"),
        ("titleJp", "missing"),
        ("firstPublished", "bad_date"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "=SUM(A1:B2)",
        "=STDEV.S(A1)",
        '=HYPERLINK("http://example.com","x")',
        "=+SUM(1)",
        '="0123"',
        "=cmd|' /C calc'!A0",
        "+cmd|'/C calc'!A0",
        "-2+3+cmd|' /C calc'!A0",
        "@SUM(1+1)*cmd|' /C calc'!A0",
    ],
)
def test_a_formula_is_no_value(text: str) -> None:
    assert codes(note=text) == [("note", "formula")]


@pytest.mark.parametrize(
    "text",
    [
        "+チック姉さん",
        "-ブイ-",
        "@ホーム",
        "=LOVE",
        "-合掌",
        "=匠シリーズ=",
        "@HOME(仮)",
        "+1",
        "-",
    ],
)
def test_a_title_may_begin_like_a_formula(text: str) -> None:
    assert checked(titleJp=text) == Row(1, TitleFields("C1", text))


def test_no_title_of_the_sample_looks_like_a_formula() -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    assert not [value for value in text.replace("\n", ",").split(",") if rules.FORMULA.match(value)]


value = (
    st.text(max_size=20)
    | st.text('=+-@(|! "A1あ漢ー\u3000\u200b\n', max_size=8)
    | st.from_regex(r"[0-9]{4}[-/][0-9]{1,2}[-/][0-9]{1,2}", fullmatch=True)
)


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from([*COLUMNS]), value))
def test_plain_values_need_no_look_at_the_rules(values: dict[str, str]) -> None:
    row = RawRow(1, values)
    whole = [(column, lambda _: None) for column in COLUMNS]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rules, "CHECKED", whole)
        slow = check_row(row)
    assert check_row(row) == slow
