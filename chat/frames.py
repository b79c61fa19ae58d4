"""Frames that a page sends, and the coarse filter in front of everything else.

`frame_schema.json` says the same in JSON Schema, for API Gateway; a test holds the two equal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mangaassist.language import Language
from mangaassist.messages import Parameters, Texts
from mangaassist.validation import FRAME_BYTES

SCHEMA_FILE = Path(__file__).parent / "frame_schema.json"
LONGEST_MESSAGE = 32_768  # characters; never reached, because a frame has no more bytes
LONGEST_REASON = 1_000
LARGEST_NUMBER = 2**53 - 1  # what a page's numbers hold
LONGEST_NAME = 40  # characters of a foreign name that are told back
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")

SENTENCES = {
    "frame_too_large": Texts(
        "送信データが大きすぎます（最大{max}バイト）。短くするか、分けて送ってください。",
        "The frame is too large (at most {max} bytes). Shorten it, or send it in parts.",
    ),
    "frame_not_text": Texts(
        "バイナリ形式は受け付けません。JSONをテキストで送ってください。",
        "Binary frames are not accepted. Send JSON as text.",
    ),
    "frame_not_json": Texts(
        "送信データをJSONとして読めません。ページを再読み込みしてください。",
        "The frame is not JSON. Reload the page.",
    ),
    "frame_not_object": Texts(
        "送信データは action と data を持つオブジェクトでなければなりません。",
        "A frame must be an object with action and data.",
    ),
    "unknown_action": Texts(
        "action「{action}」はありません。ページを再読み込みしてください。",
        "There is no action {action}. Reload the page.",
    ),
    "missing_field": Texts(
        "「{field}」がありません。ページを再読み込みしてください。",
        "{field} is missing. Reload the page.",
    ),
    "unknown_field": Texts(
        "「{field}」という項目はありません。ページを再読み込みしてください。",
        "There is no field {field}. Reload the page.",
    ),
    "bad_field": Texts(
        "「{field}」の値が正しくありません。ページを再読み込みしてください。",
        "The value of {field} is not valid. Reload the page.",
    ),
}


class BadFrame(Exception):
    """A frame that is none of ours. code: a key of SENTENCES."""

    def __init__(self, code: str, parameters: Parameters | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.parameters = parameters or {}

    def message(self, language: str) -> str:
        return SENTENCES[self.code].text(language, self.parameters)


@dataclass(frozen=True)
class SendMessage:
    id: str  # made by the page, so that a message that is sent twice is answered once
    message: str
    preferred_language: Language | None = None


@dataclass(frozen=True)
class Regenerate:
    id: str
    of: str  # the message that shall be answered anew


@dataclass(frozen=True)
class GetHistory:
    before: int | None = None  # number of a turn


@dataclass(frozen=True)
class ClearSession:
    pass


@dataclass(frozen=True)
class Stop:
    of: str


@dataclass(frozen=True)
class Resume:
    after: int  # number of the last frame that the page has seen


@dataclass(frozen=True)
class Feedback:
    of: str
    value: str  # up or down
    reason: str | None = None


@dataclass(frozen=True)
class Ping:
    pass


ClientFrame = SendMessage | Regenerate | GetHistory | ClearSession | Stop | Resume | Feedback | Ping
Reader = Callable[[Any], Any]  # raises ValueError for a value that is none


def _identifier(value: Any) -> str:
    if not isinstance(value, str) or not UUID.fullmatch(value):
        raise ValueError
    return value


def _number(value: Any) -> int:
    # JSON does not tell 1 from 1.0.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value // 1:
        raise ValueError
    if not 0 <= value <= LARGEST_NUMBER:
        raise ValueError
    return int(value)


def _text(longest: int) -> Reader:
    def read(value: Any) -> str:
        if not isinstance(value, str) or len(value) > longest:
            raise ValueError
        return value

    return read


def _value(value: Any) -> str:
    if value not in ("up", "down"):
        raise ValueError
    return str(value)


@dataclass(frozen=True)
class _Field:
    read: Reader
    attribute: str
    required: bool = True


@dataclass(frozen=True)
class _Shape:
    frame: Callable[..., ClientFrame]
    fields: Mapping[str, _Field]


_ID = _Field(_identifier, "id")
_OF = _Field(_identifier, "of")
SHAPES: Mapping[str, _Shape] = {
    "sendMessage": _Shape(
        SendMessage,
        {
            "id": _ID,
            "message": _Field(_text(LONGEST_MESSAGE), "message"),
            "preferredLanguage": _Field(Language, "preferred_language", required=False),
        },
    ),
    "regenerate": _Shape(Regenerate, {"id": _ID, "of": _OF}),
    "getHistory": _Shape(GetHistory, {"before": _Field(_number, "before", required=False)}),
    "clearSession": _Shape(ClearSession, {}),
    "stop": _Shape(Stop, {"of": _OF}),
    "resume": _Shape(Resume, {"after": _Field(_number, "after")}),
    "feedback": _Shape(
        Feedback,
        {
            "of": _OF,
            "value": _Field(_value, "value"),
            "reason": _Field(_text(LONGEST_REASON), "reason", required=False),
        },
    ),
    "ping": _Shape(Ping, {}),
}


def parse(text: str | bytes) -> ClientFrame:
    """Reads one WebSocket message; bytes are a binary one. Raises BadFrame and nothing else."""
    if isinstance(text, bytes):
        raise BadFrame("frame_not_text")
    if len(text) > FRAME_BYTES or len(text.encode(errors="surrogatepass")) > FRAME_BYTES:
        raise BadFrame("frame_too_large", {"max": FRAME_BYTES})
    try:
        document = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadFrame("frame_not_json") from error
    return read(document)


def read(document: Any) -> ClientFrame:
    """Reads a decoded frame. Raises BadFrame."""
    if not isinstance(document, dict) or not isinstance(document.get("data", {}), dict):
        raise BadFrame("frame_not_object")
    _only(document, ("action", "data"))
    if "action" not in document:
        raise BadFrame("missing_field", {"field": "action"})
    action, data = document["action"], document.get("data", {})
    shape = SHAPES.get(action) if isinstance(action, str) else None
    if shape is None:
        raise BadFrame("unknown_action", {"action": _name(action)})
    _only(data, shape.fields)
    found = {}
    for name, field in shape.fields.items():
        if name in data:
            found[field.attribute] = _read_field(name, field, data[name])
        elif field.required:
            raise BadFrame("missing_field", {"field": name})
    return shape.frame(**found)


def _read_field(name: str, field: _Field, value: Any) -> Any:
    try:
        return field.read(value)
    except ValueError as error:
        raise BadFrame("bad_field", {"field": name}) from error


def _only(found: Mapping[str, Any], known: Mapping[str, Any] | tuple[str, ...]) -> None:
    for name in found:
        if name not in known:
            raise BadFrame("unknown_field", {"field": _name(name)})


def _name(value: Any) -> str:
    """What a page called something, short and printable."""
    text = value if isinstance(value, str) else type(value).__name__
    return "".join(character for character in text[:LONGEST_NAME] if character.isprintable())


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON.")
