"""JSON from anybody."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import IO, Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from mangaassist.api.problems import Problem
from mangaassist.messages import Texts

BAD_JSON = Texts(
    "JSON として読み取れません（{line} 行目の {column} 文字目）。そこを直してください。",
    "This is not JSON (line {line}, column {column}). Correct it there.",
)
TOO_DEEP = Texts(
    "JSON の入れ子が深すぎます。浅くしてください。",
    "The JSON is nested too deeply. Make it flatter.",
)


class BoundedJSONParser(JSONParser):
    """Says where JSON is broken, and refuses what is nested deeper than Python can follow."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        try:
            return super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise Problem(400, "too_deep", TOO_DEEP) from error
        except ParseError as error:
            cause = error.__context__
            if not isinstance(cause, json.JSONDecodeError):
                raise
            where = {"line": cause.lineno, "column": cause.colno}
            raise Problem(400, "bad_json", BAD_JSON, where) from error
