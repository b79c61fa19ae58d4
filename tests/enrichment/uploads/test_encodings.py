"""Which encoding a file has."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enrichment.uploads import TitleFields
from enrichment.uploads.encodings import CHUNK, KANA, detect
from enrichment.uploads.lines import Text
from enrichment.uploads.rows import COLUMNS
from tests.enrichment.uploads.reading import (
    GOOD,
    HEADER,
    good,
    reader,
    refused,
    releases,
    values,
)

FILE = HEADER + GOOD
ROW = "id,titleJp\nC1,{}\n"
KNOWN = ("utf-8", "utf-8-sig", "cp932", "euc_jp", "utf-16", "utf-16-le", "utf-16-be")


def detected(content: bytes) -> str:
    return detect(io.BytesIO(content))


@pytest.mark.parametrize("encoding", KNOWN)
def test_each_encoding_is_found_in_a_short_file(encoding: str) -> None:
    read_rows = reader(FILE.encode(encoding))
    assert ([*read_rows], read_rows.encoding) == ([*reader(FILE)], encoding)


@pytest.mark.parametrize("encoding", KNOWN)
def test_each_encoding_is_found_under_a_japanese_header(encoding: str) -> None:
    text = "管理番号,作品名\nC1,犬\n"
    assert detected(text.encode(encoding)) == encoding


@pytest.mark.parametrize(
    ("encoding", "title"),
    [
        ("cp932", "髙橋①"),
        ("cp932", "〇～－∥"),
        ("cp932", "山﨑"),
        ("cp932", "ソ表能予"),
        ("cp932", "ﾋﾏﾜﾘ"),
        ("euc_jp", "〜−‖"),
        ("euc_jp", "丂"),
        ("euc_jp", "日本のﾋﾏﾜﾘ"),
        ("utf-16", "𠮷野家"),
        ("utf-16-le", "山﨑〜～"),
        ("utf-16-be", "髙①"),
        ("utf-8-sig", "𠮷〜～髙﨑①"),
        ("utf-8", "𠮷〜～髙﨑①"),
    ],
)
def test_characters_that_often_break_come_through(encoding: str, title: str) -> None:
    text = ROW.format(title) + "C2,ひまわり\n"
    read_rows = reader(text.encode(encoding))
    assert [*read_rows] == [*reader(text)]
    assert read_rows.encoding == encoding


@pytest.mark.parametrize(
    ("code", "title"), [(b"\xad\xa1", "①"), (b"\xfc\xe2", "髙"), (b"\xad\xb5", "Ⅰ")]
)
def test_euc_jp_has_what_windows_adds_to_it(code: bytes, title: str) -> None:
    content = ROW.encode("euc_jp").replace(b"{}", "ひまわり".encode("euc_jp") + code)
    read_rows = reader(content)
    assert good(content) == [TitleFields("C1", "ひまわり" + title)]
    assert read_rows.encoding == "euc_jp"


def test_half_width_kana_alone_are_cp932() -> None:
    assert detected(ROW.format("ﾋﾏﾜﾘﾀﾝﾃｲ ﾊﾅ").encode("cp932")) == "cp932"


def test_plain_ascii_is_utf_8() -> None:
    assert detected(b"id,titleJp\nC1,abc\n") == "utf-8"


@pytest.mark.parametrize("size", [CHUNK - 1, CHUNK, CHUNK + 1])
@pytest.mark.parametrize("encoding", KNOWN)
def test_a_character_may_lie_across_pieces(encoding: str, size: int) -> None:
    text = FILE + "C2," + "海" * size
    content = text.encode(encoding)
    file = io.BytesIO(content)
    assert detect(file) == encoding
    assert Text(file, encoding).read() == text


@pytest.mark.parametrize("byte", [b"\x80", b"\xa0", b"\xfd", b"\xfe", b"\xff"])
def test_bytes_that_cp932_does_not_assign_are_refused(byte: bytes) -> None:
    content = FILE.encode("cp932") + b"C2," + byte + b",\n"
    error = refused(content)
    assert error.code == "wrong_encoding"
    assert error.parameters == {
        "encoding": "Shift_JIS (CP932)",
        "row": 3,
        "offset": len(content) - 2,
    }


def test_a_broken_byte_after_good_utf_8_is_not_taken_for_another_encoding() -> None:
    error = refused(FILE.encode() + "C9,海\n".encode("cp932"))
    assert error.parameters["encoding"] == "UTF-8"


def test_a_broken_byte_in_euc_jp_is_not_taken_for_cp932() -> None:
    before = "id,titleJp\nC1,あいうえおかきくけこ\nC2,".encode("euc_jp")
    content = before + b"\xa9\xa1,\n"
    assert content.decode("cp932")
    error = refused(content)
    assert error.parameters == {"encoding": "EUC-JP", "row": 3, "offset": len(before) + 1}


def test_half_a_character_of_utf_16_is_told() -> None:
    content = FILE.encode("utf-16-le") + b"\x00\xd8\n\x00"
    assert refused(content).parameters == {
        "encoding": "UTF-16-LE",
        "row": 3,
        "offset": len(content) - 3,
    }


def test_characters_with_a_nul_on_the_other_side_are_utf_16_all_the_same() -> None:
    assert detected("id,titleJp\nC1,一一一一最最最最最最\n".encode("utf-16-le")) == "utf-16-le"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_a_wrong_byte_is_told_with_line_and_place(mark: bytes) -> None:
    before = mark + "id,titleJp\nC1,海\n".encode()
    error = refused(before + b"C2,\xfd\n")
    assert error.parameters == {"encoding": "UTF-8", "row": 3, "offset": len(before) + 4}


def test_a_wrong_byte_in_the_first_line_counts_the_byte_order_mark() -> None:
    error = refused(b"\xef\xbb\xbfid,\xfd\n")
    assert (error.parameters["row"], error.parameters["offset"]) == (1, 7)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("size", [CHUNK - 3, CHUNK - 2, CHUNK - 1])
def test_lines_are_counted_across_pieces(end: str, size: int) -> None:
    content = ("海" + "x" * (size - 3) + end + "x" + end).encode() + b"\xff"
    assert refused(content).parameters["row"] == 3


def test_nul_bytes_show_that_a_file_is_no_text() -> None:
    assert refused(bytes(range(256)) * 8).code == "binary_file"


def test_a_nul_in_a_value_makes_no_utf_16() -> None:
    assert detected(b"id,titleJp\nC1,a\x00b\n") == "utf-8"


@pytest.mark.parametrize(
    "text", ["id,titleJp\nC1\0,海\n", "id,titleJp\nC1,a\0\n", "id,titleJp\nC1,a\n\0"]
)
def test_one_nul_in_a_small_file_makes_no_utf_16(text: str) -> None:
    assert detected(text.encode()) == "utf-8"


def test_jis_is_refused_by_its_name() -> None:
    error = refused(FILE.encode("iso2022_jp"))
    assert error.code == "unsupported_encoding"
    assert "ISO-2022-JP" in error.text("ja")


kanji_and_kana = st.characters(codec="euc_jp", min_codepoint=0x3041, max_codepoint=0x30FC)
kanji_and_kana |= st.sampled_from("一海山田花子漢字髙﨑表予能最①Ⅱ")


@settings(deadline=None, max_examples=50)
@given(releases(kanji_and_kana), st.sampled_from(["cp932", "utf-8", "utf-16", "utf-16-le"]))
def test_what_is_written_in_an_encoding_is_read_back(
    written: list[TitleFields], encoding: str
) -> None:
    content = table(written).encode(encoding)
    assert good(content) == written


euc_kanji_and_kana = values(
    st.characters(codec="euc_jp", min_codepoint=0x3041, max_codepoint=0x30FC)
).filter(KANA.search)


@settings(deadline=None, max_examples=50)
@given(st.lists(euc_kanji_and_kana, min_size=1, max_size=5))
def test_euc_jp_with_kana_is_read_back(texts: list[str]) -> None:
    content = "id,titleJp\n" + "".join(f"C{at},{text}\n" for at, text in enumerate(texts))
    assert [title.title_jp for title in good(content.encode("euc_jp"))] == texts


def table(written: list[TitleFields]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace('"', '""') + '"'

    lines = [
        ",".join(quoted(getattr(title, name)) for name in COLUMNS.values()) for title in written
    ]
    return "\n".join([",".join(COLUMNS), *lines])
