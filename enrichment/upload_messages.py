"""What people read when a file or a row cannot be taken: what is wrong, and what to do, in both languages."""

from __future__ import annotations

from collections.abc import Mapping

TEXTS: dict[str, tuple[str, str]] = {
    "empty_file": (
        "ファイルが空です。見出し行とタイトルを含むファイルを選んでください。",
        "The file is empty. Choose a file with a header row and titles.",
    ),
    "not_utf8": (
        "{line}行目がUTF-8ではありません。Excelでは「CSV UTF-8（コンマ区切り）」で保存してください。",
        "Line {line} is not UTF-8. In Excel, save as “CSV UTF-8 (comma delimited)”.",
    ),
    "missing_columns": (
        "見出し行に列がありません: {columns}。1行目に列名を入れてください。",
        "The header row lacks: {columns}. Put the column names into the first row.",
    ),
    "repeated_column": (
        "見出し行に列「{column}」が2つあります。1つにしてください。",
        "The header row has the column “{column}” twice. Keep one.",
    ),
    "missing": ("{field}がありません。入力してください。", "{field} is missing. Fill it in."),
    "bad_id": (
        "IDに使えるのは半角英数字と . _ : - で、64文字までです。",
        "An id has at most 64 characters: letters, digits and . _ : -",
    ),
    "too_long": (
        "{field}が長すぎます（最大{limit}文字、現在{count}文字）。",
        "{field} is too long ({count} characters, at most {limit}).",
    ),
    "control_character": (
        "{field}に制御文字（U+{code}）があります。取り除いてください。",
        "{field} holds a control character (U+{code}). Remove it.",
    ),
    "bad_date": (
        "日付は YYYY、YYYY-MM、YYYY-MM-DD のいずれかで、実在する日にしてください。",
        "A date is YYYY, YYYY-MM or YYYY-MM-DD, and must exist.",
    ),
    "duplicate_id": (
        "ID「{id}」は{first}行目にもあります。どちらかを取り除いてください。",
        "The id “{id}” is already in row {first}. Remove one of them.",
    ),
    "too_many_columns": (
        "列が見出しより多くあります。値にコンマがあれば引用符（\"）で囲んでください。",
        'The row has more columns than the header. Put values with commas into quotes (").',
    ),
    "bad_csv": (
        "この行はCSVとして読めません（{detail}）。引用符（\"）の対応を確認してください。",
        'This row is not valid CSV ({detail}). Check that quotes (") are in pairs.',
    ),
    "bad_json": (
        "この行は有効なJSONではありません（{detail}）。",
        "This line is not valid JSON ({detail}).",
    ),
    "not_an_object": (
        "この行はJSONオブジェクト（{{…}}）ではありません。",
        "This line is not a JSON object ({{…}}).",
    ),
    "wrong_type": ("{field}は文字列にしてください。", "{field} must be a text."),
}


def text(code: str, language: str, parameters: Mapping[str, object]) -> str:
    """The sentence for a code. Raises KeyError for a code or parameter that does not exist."""
    japanese, english = TEXTS[code]
    return (japanese if language == "ja" else english).format(**parameters)
