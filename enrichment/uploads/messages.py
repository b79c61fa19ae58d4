"""What can be wrong with a release or one of its rows, in Japanese and English, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from mangaassist.language import Language
from mangaassist.messages import Parameter, Texts

ROW_TEXTS = {
    "missing": Texts(
        "{field} が空です。値を入れてください。",
        "{field} is empty. Fill it in.",
    ),
    "too_long": Texts(
        "{field} が長すぎます（{length} 文字）。{most} 文字以内にしてください。",
        "{field} is too long ({length} characters). Shorten it to at most {most}.",
    ),
    "bad_id": Texts(
        "{field} に使えない文字があります。半角英数字と . _ : - だけにしてください。",
        "{field} has characters that are not allowed. Use only A-Z, a-z, 0-9 and . _ : -",
    ),
    "bad_date": Texts(
        "{field} の「{value}」は日付ではありません。"
        "YYYY、YYYY-MM、YYYY-MM-DD のどれかにしてください。",
        "{field} is “{value}”, which is no date. Write YYYY, YYYY-MM or YYYY-MM-DD.",
    ),
    "control_character": Texts(
        "{field} に制御文字または改行（{character}）があります。取り除いてください。",
        "{field} has a control character or line break ({character}). Remove it.",
    ),
    "half_character": Texts(
        "{field} に壊れた文字（{character}）があります。入力し直してください。",
        "{field} has a broken character ({character}). Type it again.",
    ),
    "duplicate_id": Texts(
        "{field} の {id} は {first} 行目にもあります。どちらか一つにしてください。",
        "{field} {id} is on row {first} already. Keep one of the two.",
    ),
    "too_many_columns": Texts(
        "列が {found} 個ありますが、見出しは {expected} 個です。"
        "カンマのある値は \" で囲んでください。",
        "There are {found} columns, but the header has {expected}. "
        "Put values with a comma in \" quotes.",
    ),
    "unclosed_quote": Texts(
        "引用符 \" が閉じていません。閉じるか、値の中の \" を \"\" と書いてください。",
        "A quote \" is not closed. Close it, or write a \" inside a value as \"\".",
    ),
    "bad_quote": Texts(
        "引用符または改行の位置が正しくありません。"
        "値全体を \" で囲み、中の \" は \"\" と書いてください。",
        "Quotes or line breaks are misplaced. "
        "Put the whole value in \" and write a \" inside as \"\".",
    ),
    "line_too_long": Texts(
        "行が長すぎます。{most} バイト以内にしてください。",
        "The line is too long. Shorten it to at most {most} bytes.",
    ),
    "invalid_json": Texts(
        "正しい JSON ではありません。1 行に 1 つのオブジェクトを書いてください。",
        "This is not valid JSON. Write one object on each line.",
    ),
    "not_an_object": Texts(
        "JSON オブジェクトではありません。{{ }} で囲んだ 1 つのオブジェクトにしてください。",
        "This is no JSON object. Write one object in {{ }}.",
    ),
    "repeated_name": Texts(
        "同じ名前の項目が 2 つあります。どちらか一つにしてください。",
        "A name is there twice in the object. Keep one of the two.",
    ),
    "wrong_type": Texts(
        "{field} が文字列ではありません。値を \" で囲んでください。",
        "{field} is not a text. Put the value in \" quotes.",
    ),
}  # fmt: skip

RELEASE_TEXTS = {
    "empty_file": Texts(
        "ファイルが空です。見出しとデータのあるファイルを選んでください。",
        "The file is empty. Choose one with a header and rows.",
    ),
    "no_rows": Texts(
        "見出しだけで、データの行がありません。作品の行を加えてください。",
        "The file has a header but no rows. Add the titles.",
    ),
    "not_utf8": Texts(
        "{row} 行目（{offset} バイト目）が UTF-8 ではありません。UTF-8 で保存し直してください。",
        "Row {row} (byte {offset}) is not UTF-8. Save the file as UTF-8 and upload it again.",
    ),
    "shift_jis": Texts(
        "文字コードが Shift_JIS（CP932）のようです（{row} 行目、{offset} バイト目）。"
        "Excel では「CSV UTF-8」で保存し直してください。",
        "The file seems to be Shift_JIS (CP932), not UTF-8 (row {row}, byte {offset}). "
        "In Excel, save it as “CSV UTF-8”.",
    ),
    "utf_16": Texts(
        "文字コードが UTF-16 です。UTF-8 で保存し直してください。",
        "The file is UTF-16. Save it as UTF-8 and upload it again.",
    ),
    "spreadsheet": Texts(
        "Excel または ZIP のファイルです。CSV（UTF-8）で保存し直してください。",
        "This is an Excel or ZIP file. Save it as CSV (UTF-8) and upload it again.",
    ),
    "compressed": Texts(
        "圧縮されたファイルです。展開してからアップロードしてください。",
        "The file is compressed. Unpack it and upload it again.",
    ),
    "json_array": Texts(
        "JSON の配列です。1 行に 1 つのオブジェクト（JSONL）にしてください。",
        "The file is a JSON array. Write one object on each line (JSONL).",
    ),
    "bad_header": Texts(
        "見出しの行が読めません。引用符と改行を確かめてください。",
        "The header row cannot be read. Check its quotes and line breaks.",
    ),
    "missing_columns": Texts(
        "見出しに {missing} の列がありません。カンマ区切りで 1 行目に書いてください。",
        "The header lacks {missing}. Write it in the first row, separated by commas.",
    ),
    "repeated_columns": Texts(
        "見出しに同じ列が 2 つあります（{repeated}）。どちらか一つにしてください。",
        "The header has a column twice ({repeated}). Keep one of the two.",
    ),
}

TEXTS = {**ROW_TEXTS, **RELEASE_TEXTS}


def text(code: str, language: str, parameters: Mapping[str, Parameter], *, column: str = "") -> str:
    """The sentence for a code. Raises KeyError for an unknown code, ValueError for a language."""
    return TEXTS[code].text(language, {"field": column, **parameters})


@dataclass(frozen=True)
class RowError:
    """One thing wrong with one row; a row may have several. `field` is a column, or empty."""

    number: int  # the line the row starts on, from 1
    field: str
    code: str
    parameters: dict[str, Parameter] = dataclass_field(default_factory=dict)

    def text(self, language: str) -> str:
        return text(self.code, language, self.parameters, column=self.field)


class ReleaseError(Exception):
    """The whole file cannot be taken."""

    def __init__(self, code: str, **parameters: Parameter) -> None:
        super().__init__(text(code, Language.EN, parameters))
        self.code = code
        self.parameters = parameters

    def text(self, language: str) -> str:
        return text(self.code, language, self.parameters)
