"""Which header is which column."""

from __future__ import annotations

import pytest

from enrichment.uploads import ReleaseError, Row, TitleFields
from enrichment.uploads.columns import COLUMN_OF, Columns, fold
from enrichment.uploads.rows import COLUMNS
from tests.enrichment.uploads.reading import errors, good, line, reader, refused, rows


def refused_columns(names: list[str], mapping: dict[str, str] | None = None) -> ReleaseError:
    with pytest.raises(ReleaseError) as caught:
        Columns(mapping).header(names, "1")
    assert caught.value.text("ja")
    return caught.value


@pytest.mark.parametrize(
    ("header", "column"),
    [
        ("作品ID", "id"),
        ("管理番号", "id"),
        ("商品コード", "id"),
        ("mangaId", "id"),
        ("manga_id", "id"),
        ("タイトル", "titleJp"),
        ("ﾀｲﾄﾙ", "titleJp"),
        ("作品名", "titleJp"),
        ("書名", "titleJp"),
        ("TITLE JP", "titleJp"),
        ("カナ", "titleKana"),
        ("フリガナ", "titleKana"),
        ("ふりがな", "titleKana"),
        ("タイトル（カナ）", "titleKana"),
        ("作者", "creator"),
        ("Author", "creator"),
        ("作 画", "creator"),
        ("原作者", "originalCreator"),
        ("初出", "firstPublished"),
        ("発売日", "firstPublished"),
        ("First-Published", "firstPublished"),
        ("備考", "note"),
        ("メモ", "note"),
    ],
)
def test_a_header_is_known_in_many_forms(header: str, column: str) -> None:
    assert Columns().places([header]) == {column: 0}


def test_every_known_name_is_found_however_it_is_written() -> None:
    assert {name: fold(name) for name in COLUMN_OF} == {name: name for name in COLUMN_OF}
    assert set(COLUMN_OF.values()) == set(COLUMNS)


def test_what_was_found_and_what_not_is_told_as_written() -> None:
    read_rows = reader("管理番号, 作品名 ,判型,,備考\nC1,ひまわり,500,,読切")
    assert [*read_rows] == [Row(2, TitleFields("C1", "ひまわり", note="読切"))]
    assert read_rows.columns == {"id": "管理番号", "titleJp": "作品名", "note": "備考"}
    assert read_rows.ignored_columns == ["判型"]


def test_nothing_hidden_in_a_header_is_told() -> None:
    read_rows = reader('{"id\\u0000": "C1", "題\\u202e名": "一"}')
    assert len([*read_rows]) == 1
    assert read_rows.columns == {"id": "id", "titleJp": "題名"}


def test_the_columns_are_known_before_the_first_row_of_a_table() -> None:
    assert reader("id,題名\nC1,一\n").columns == {"id": "id", "titleJp": "題名"}


def test_names_in_json_are_found_like_headers() -> None:
    text = '{"作品ID": "C1", "title": "一", "size": 5}\n{"ID": "C2", "書名": "二"}\n'
    read_rows = reader(text)
    assert [row.title.title_jp for row in read_rows if isinstance(row, Row)] == ["一", "二"]
    assert read_rows.columns == {"id": "作品ID", "titleJp": "title"}
    assert read_rows.ignored_columns == ["size"]


def test_the_exact_name_goes_before_others() -> None:
    assert Columns().places(["タイトル", "titleJp", "ID", "id"]) == {"titleJp": 1, "id": 3}


def test_two_headers_for_one_column_are_both_named() -> None:
    error = refused_columns(["id", "作品名", "書名"])
    assert error.code == "repeated_columns"
    assert error.parameters == {"column": "titleJp", "first": "作品名", "second": "書名"}


def test_the_same_header_twice_is_refused_too() -> None:
    assert refused_columns(["id", "titleJp", "id"]).code == "repeated_columns"


@pytest.mark.parametrize(
    ("names", "places", "ignored"),
    [
        (["No.", "作品ID", "作品名"], {"id": 1, "titleJp": 2}, ["No."]),
        (["番号", "コード名", "id", "title", "作品名"], {"id": 2, "titleJp": 4}, None),
        (["No.", "名称", "漫画"], {"id": 0, "titleJp": 1, "creator": 2}, []),
        (
            ["id", "書名", "発売日", "初出"],
            {"id": 0, "titleJp": 1, "firstPublished": 3},
            ["発売日"],
        ),
        (["id", "書名", "作画", "作者"], {"id": 0, "titleJp": 1, "creator": 3}, ["作画"]),
        (["id", "書名", "備考", "コメント"], {"id": 0, "titleJp": 1, "note": 2}, ["コメント"]),
    ],
)
def test_a_name_of_many_things_counts_when_a_column_has_no_other(
    names: list[str], places: dict[str, int], ignored: list[str] | None
) -> None:
    columns = Columns()
    assert columns.header(names, "1") == places
    assert ignored is None or columns.ignored == ignored


def test_the_first_of_two_headers_is_taken_where_none_is_required() -> None:
    columns = Columns()
    assert columns.header(["id", "書名", "著者", "作者"], "1")["creator"] == 2
    assert columns.ignored == ["作者"]


def test_two_headers_for_a_required_column_are_told_with_the_way_out() -> None:
    error = refused_columns(["コード", "番号", "書名"])
    assert error.code == "repeated_columns"
    assert "choose" in error.text("en")
    assert Columns({"id": "番号"}).header(["コード", "番号", "書名"], "1")["id"] == 1


def test_other_headers_may_repeat() -> None:
    columns = Columns()
    assert columns.header(["id", "titleJp", "判型", "判型", "", ""], "1") == {"id": 0, "titleJp": 1}
    assert columns.ignored == ["判型"]


def test_two_names_for_one_column_in_a_later_object_cost_one_row() -> None:
    text = line() + '{"id": "C2", "作品名": "二", "題名": "二"}\n' + line(id="C3")
    assert errors(text) == [(2, "titleJp", "repeated_columns")]


def test_two_names_for_one_column_in_the_first_object_refuse_the_file() -> None:
    assert refused('{"id": "C2", "作品名": "二", "題名": "二"}\n').code == "repeated_columns"


def test_a_mapping_goes_before_all_names() -> None:
    mapping = {"titleJp": "正式名", "creator": "著者"}
    text = "id,titleJp,正式名,作者,著者\nC1,略,正式,A,B\n"
    assert good(text, mapping=mapping) == [TitleFields("C1", "正式", creator="B")]


def test_a_mapping_is_for_json_as_well() -> None:
    assert good('{"id": "C1", "本": "一"}', mapping={"titleJp": "本"}) == [TitleFields("C1", "一")]


def test_a_mapped_header_is_no_other_column() -> None:
    text = "コード,タイトル,題\nC1,注意,一\n"
    mapping = {"note": "タイトル", "titleJp": "題"}
    assert good(text, mapping=mapping) == [TitleFields("C1", "一", note="注意")]


@pytest.mark.parametrize("text", ["id,titleJp\nC1,一\n", line()])
def test_a_mapping_to_an_absent_header_is_refused(text: str) -> None:
    error = refused(text, mapping={"titleJp": "本"})
    assert error.code == "absent_header"
    assert error.parameters == {"column": "titleJp", "header": "本", "found": "id, titleJp"}


def test_a_mapping_of_an_unknown_column_is_refused() -> None:
    error = refused("id,titleJp\nC1,一\n", mapping={"size": "判型"})
    assert (error.code, error.parameters["column"]) == ("unknown_column", "size")


@pytest.mark.parametrize("header", ["", " \u3000"])
def test_a_mapping_to_no_header_is_refused(header: str) -> None:
    error = refused("id,titleJp\nC1,一\n", mapping={"note": header})
    assert (error.code, error.parameters) == ("empty_header", {"column": "note"})


def test_a_mapping_of_two_columns_to_one_header_is_refused() -> None:
    error = refused("id,titleJp\nC1,一\n", mapping={"note": "価格", "creator": " 価格"})
    assert error.code == "repeated_header"
    assert error.parameters == {"header": "価格", "first": "note", "second": "creator"}


def test_missing_columns_are_named_with_what_was_found() -> None:
    assert refused_columns(["判型", "棚"]).parameters == {
        "missing": "id, titleJp",
        "row": "1",
        "found": "判型, 棚",
    }


def test_json_without_any_known_name_is_refused() -> None:
    assert refused('{"size": 5}').code == "missing_columns"


def test_json_without_a_title_is_a_bad_row() -> None:
    assert errors('{"id": "C1"}\n' + line(id="C2")) == [(1, "titleJp", "missing")]


def test_not_too_many_unknown_names_are_told_and_not_too_much_of_each() -> None:
    columns = Columns()
    columns.header(["id", "titleJp", *(f"{number}" + "x" * 50 for number in range(50))], "1")
    assert (len(columns.ignored), {len(name) for name in columns.ignored}) == (20, {40})


def test_unknown_names_in_json_are_told_once() -> None:
    read_rows = reader(line(id="C1", size="1") + line(id="C2", size="2"))
    assert len([*read_rows]) == 2
    assert read_rows.ignored_columns == ["size"]


def test_a_row_error_names_the_column_not_the_header() -> None:
    assert rows("管理番号,作品名\nC 1,一\n")[0].number == 2
    assert errors("管理番号,作品名\nC 1,一\n") == [(2, "id", "bad_id")]
