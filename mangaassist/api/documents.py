"""The problem document of RFC 9457: what every error of the API looks like."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mangaassist.language import Language
from mangaassist.messages import Texts

CONTENT_TYPE = "application/problem+json"
URN = "urn:mangaassist:problem:"

TITLES = {
    400: Texts("リクエストの誤り", "Bad request"),
    401: Texts("認証が必要です", "Authentication required"),
    403: Texts("権限がありません", "Not permitted"),
    404: Texts("見つかりません", "Not found"),
    405: Texts("使えないメソッド", "Method not allowed"),
    406: Texts("返せない形式", "Not acceptable"),
    409: Texts("いまの状態では行えません", "Conflict"),
    413: Texts("大きすぎるリクエスト", "Request too large"),
    415: Texts("受け付けない形式", "Unsupported media type"),
    422: Texts("処理できない内容", "Unprocessable content"),
    429: Texts("リクエストが多すぎます", "Too many requests"),
    500: Texts("サーバーのエラー", "Server error"),
    503: Texts("一時的に使えません", "Temporarily unavailable"),
}
OTHER = Texts("エラー", "Error")


def problem_document(
    status: int, code: str, detail: str, language: Language, extra: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The members of a problem; `extra` members come after them and may not replace them.

    code: short stable name in snake case, which also makes the type; detail: a whole sentence.
    """
    members = {
        "type": URN + code,
        "title": TITLES.get(status, OTHER).text(language, {}),
        "status": status,
        "detail": detail,
        "code": code,
    }
    return members | {name: value for name, value in (extra or {}).items() if name not in members}
