"""JSON and JSONL: which objects are a row, and where a file breaks."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import Row, TitleFields
from enrichment.uploads.json_rows import LONGEST_OBJECT, WINDOW
from enrichment.uploads.lines import LONGEST_LINE
from enrichment.uploads.rows import COLUMNS
from tests.enrichment.uploads.reading import (
    ANY,
    GOOD,
    HEADER,
    TITLE,
    errors,
    good,
    line,
    reader,
    refused,
    releases,
    rows,
    taken,
)


def array(*elements: str) -> str:
    return "[\n" + ",\n".join(elements) + "\n]\n"


def test_a_json_line_is_taken() -> None:
    record = dict(zip(HEADER.strip().split(","), GOOD.strip().split(","), strict=True))
    assert rows(line(**record)) == [Row(1, TITLE)]


def test_an_array_is_numbered_by_element() -> None:
    read_rows = reader(array(line(), line(id="C2")))
    assert [row.number for row in read_rows] == [1, 2]
    assert read_rows.format == "json"


def test_null_is_an_empty_value() -> None:
    assert rows(line(note=None)) == [Row(1, TitleFields("C1", "ひまわり探偵", note=""))]


def test_an_object_says_nothing_of_what_it_leaves_out() -> None:
    titles = good(line(price=748) + line(id="C2"))
    assert [title.price for title in titles] == ["748", None]


def test_a_number_is_an_id_a_title_or_a_year_but_no_name() -> None:
    written = line(id=12, titleJp=1.5, firstPublished=1999)
    assert good(written) == [TitleFields("12", "1.5", first_published="1999")]
    assert errors(line(creator=12)) == [(1, "creator", "wrong_type")]


BAD = [
    ("5", "", "not_an_object"),
    ('["C1"]', "", "not_an_object"),
    ('{"id": "C1", "id": "C2"}', "", "repeated_name"),
    ('{"id": "C1", "titleJp": NaN}', "titleJp", "bad_number"),
    ('{"id": 1e400, "titleJp": "一"}', "id", "bad_number"),
    ('{"titleJp": "一", "id": ' + "9" * 5_000 + "}", "id", "bad_number"),
    ("{" + ", ".join(f'"{number}": 1' for number in range(101)) + "}", "", "too_wide"),
]


@pytest.mark.parametrize(("text", "field", "code"), BAD, ids=lambda value: value[:30])
def test_a_bad_object_costs_one_row(text: str, field: str, code: str) -> None:
    lines = line(id="C0") + text + "\n" + line(id="C9")
    assert (errors(lines), taken(lines)) == ([(2, field, code)], [1, 3])
    elements = array(line(id="C0"), text, line(id="C9"))
    assert (errors(elements), taken(elements)) == ([(2, field, code)], [1, 3])


def test_a_bad_number_under_an_unknown_name_does_no_harm() -> None:
    assert taken('{"id": "C1", "titleJp": "一", "size": [NaN, 1e400]}') == [1]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "invalid_json"),
        ('{"id": "C1", "titleJp": "一"} x', "invalid_json"),
        ('{"id": "C1", "titleJp": "\x00"}', "invalid_json"),
        ('{"id": "C1", "note": ' + "[" * 50_000, "too_deep"),
        ('{"id": "C1", "note": "' + "長" * LONGEST_LINE + '"}', "line_too_long"),
    ],
    ids=lambda value: value[:30],
)
def test_a_bad_line_costs_one_row(text: str, code: str) -> None:
    whole = line(id="C0") + text + "\n" + line(id="C9")
    assert (errors(whole), taken(whole)) == ([(2, "", code)], [1, 3])


def test_an_object_over_several_lines_is_refused() -> None:
    assert refused('\n{\n"titles": [' + line() + "]}").code == "json_object"


def test_an_object_around_all_titles_is_refused() -> None:
    assert refused('{"titles": [' + line().strip() + "]}").code == "json_object"


def test_many_names_are_looked_through_once() -> None:
    names = ", ".join(f'"{number}": 1' for number in range(9_000))
    assert errors(f'{{{names}, "8999": 1}}\n{line()}') == [(1, "", "repeated_name")]


def test_the_place_in_a_bad_line_is_told() -> None:
    (found,) = rows('{"id": "C1" "titleJp": 1}\n')
    assert "13" in found.text("en")  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ('[{"id": "C1", "titleJp": "一"}', "truncated_json", (1, 1, 30)),
        ('[{"id": "C1", "titleJp": "一"},', "truncated_json", (2, 1, 31)),
        ('[{"id": "C1", "titleJp": "一"},\n{"id": "C2", "ti', "truncated_json", (2, 2, 14)),
        ('[{"id": "C1", "titleJp": "一"},\n{"id" "C2"}]', "broken_json", (2, 2, 7)),
        ('[\n{"id": "C1", "titleJp": "一"}\n{"id": "C2"}]', "broken_json", (1, 3, 1)),
        ('[{"id": "C1", "titleJp": "一"},]', "broken_json", (2, 1, 31)),
        ('[{"id": "C1", "titleJp": "一"}] x', "broken_json", (1, 1, 32)),
        ("[", "truncated_json", (1, 1, 2)),
        ("[tru", "broken_json", (1, 1, 2)),
    ],
)
def test_an_array_says_where_it_breaks(text: str, code: str, place: tuple[int, int, int]) -> None:
    error = refused(text)
    told = error.parameters
    assert (error.code, (told["element"], told["line"], told["position"])) == (code, place)


def test_a_break_far_into_an_array_is_found_after_all_rows_before_it() -> None:
    elements = [line(id=f"C{at}", note="長" * 1_000) for at in range(300)]
    text = array(*elements)[:-5] + ' "x" 5}]'
    read_rows = reader(text)
    numbers: list[int] = []
    with pytest.raises(Exception, match="line 600"):
        numbers.extend(row.number for row in read_rows)
    assert numbers == [*range(1, 300)]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (array(line(), '{"id": ' + "[" * 50_000), "element_too_deep"),
        (array('{"id": "' + "x" * LONGEST_OBJECT * 3 + '"}'), "element_too_long"),
        ('[{"id": "' + "x" * LONGEST_OBJECT * 3, "element_too_long"),
        ("[]", "no_rows"),
        ("[ \n", "truncated_json"),
    ],
    ids=lambda value: value[-30:],
)
def test_an_unreadable_array_is_refused(text: str, code: str) -> None:
    assert refused(text).code == code


@pytest.mark.parametrize("size", [WINDOW - 40, WINDOW - 30, WINDOW - 1, WINDOW, 2 * WINDOW])
def test_objects_larger_than_the_window_are_read_whole(size: int) -> None:
    text = array(line(id="C1", other="長" * size), "5", line(id="C3"))
    assert (taken(text), errors(text)) == ([1, 3], [(2, "", "not_an_object")])


def test_a_number_across_the_window_is_one_element() -> None:
    for padding in range(WINDOW - 6, WINDOW + 2):
        text = "[" + " " * padding + "12345, " + line() + "]"
        assert [number for number, _, _ in errors(text)] == [1]


@settings(deadline=None, max_examples=50)
@given(releases(ANY), st.booleans(), st.sampled_from([None, 1]))
def test_what_a_writer_writes_is_read_back(
    written: list[TitleFields], escape: bool, indent: int | None
) -> None:
    records: list[dict[str, Any]] = [
        {column: getattr(title, name) for column, name in COLUMNS.items()} for title in written
    ]
    lines = "\n".join(json.dumps(record, ensure_ascii=escape) for record in records)
    assert good(lines) == written
    assert good(json.dumps(records, ensure_ascii=escape, indent=indent)) == written
