"""Refuses large and encoded request bodies in front of Django, which would spool them to disk."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

from mangaassist.api.documents import CONTENT_TYPE, problem_document
from mangaassist.language import accepted
from mangaassist.messages import Parameters, Texts

Message = Mapping[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LINGER = 2.0  # seconds in which a refused client may go on sending, so that it reads our answer


class Refusal(NamedTuple):
    status: int
    code: str
    texts: Texts


TOO_LARGE = Refusal(413, "request_too_large", Texts(
    "リクエストが大きすぎます（最大 {most} バイト）。分けて送ってください。",
    "The request is too large (at most {most} bytes). Send it in parts.",
))  # fmt: skip
ENCODED = Refusal(415, "encoded_request", Texts(
    "圧縮したリクエストは受け付けません。Content-Encoding を付けずに送ってください。",
    "Compressed requests are not accepted. Send it without Content-Encoding.",
))  # fmt: skip
BAD_LENGTH = Refusal(400, "bad_content_length", Texts(
    "Content-Length が正しくありません。バイト数を1つだけ書いてください。",
    "Content-Length is not valid. It must be a single number of bytes.",
))  # fmt: skip


class BodyLimit:
    """ASGI application around another one; only HTTP requests are looked at.

    most: bytes of a body; exceptions: path → bytes for POST requests to it.
    """

    def __init__(self, app: App, most: int, exceptions: Mapping[str, int]) -> None:
        self.app = app
        self.most = most
        self.exceptions = exceptions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self._most(scope)
        body = _Body(receive, send, most)
        refusal = _refusal(scope, most)
        if refusal is None:
            await self.app(scope, body.receive, body.send)
            refusal = TOO_LARGE if body.cut and not body.answered else None
        if refusal is not None:
            await _refuse(refusal, {"most": most}, scope, body.drain, send)

    def _most(self, scope: Scope) -> int:
        posted = scope["method"] == "POST"
        return self.exceptions.get(scope["path"], self.most) if posted else self.most


class _Body:
    """Counts a body on its way to the application, which sees a disconnect at the limit."""

    def __init__(self, receive: Receive, send: Send, most: int) -> None:
        self._receive = receive
        self._send = send
        self._left = most
        self._ended = False
        self.cut = False
        self.answered = False

    async def receive(self) -> Message:
        if self.cut:
            return {"type": "http.disconnect"}
        message = await self._next()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            self.cut = True
            return {"type": "http.disconnect"}
        return message

    async def send(self, message: Message) -> None:
        if self.cut and not self.answered:
            return  # The answer to a request that was cut off is ours.
        self.answered = True
        await self._send(message)

    async def drain(self) -> None:
        """Throws away what the client still sends, for a short while."""
        try:
            async with asyncio.timeout(LINGER):
                while not self._ended:
                    await self._next()
        except TimeoutError:
            return

    async def _next(self) -> Message:
        message = await self._receive()
        self._ended = not message.get("more_body")
        return message


def _refusal(scope: Scope, most: int) -> Refusal | None:
    """What the headers alone already say against a request."""
    encodings = {value.strip().lower() for value in _values(scope, b"content-encoding")}
    if encodings - {b"identity", b""}:
        return ENCODED
    lengths = _values(scope, b"content-length")
    if len(lengths) > 1 or not all(length.isdigit() for length in lengths):
        return BAD_LENGTH
    # Numbers of thousands of digits would be refused by int().
    return TOO_LARGE if lengths and int(lengths[0][:20]) > most else None


def _values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header.lower() == name]


async def _refuse(
    refusal: Refusal,
    parameters: Parameters,
    scope: Scope,
    drain: Callable[[], Awaitable[None]],
    send: Send,
) -> None:
    """Answers at once and closes the connection when the client has stopped sending."""
    wanted = b",".join(_values(scope, b"accept-language")).decode("latin-1")
    language = accepted(wanted)
    detail = refusal.texts.text(language, parameters)
    document = problem_document(refusal.status, refusal.code, detail, language)
    body = json.dumps(document, ensure_ascii=False).encode()
    headers = {
        "content-type": CONTENT_TYPE,
        "content-length": str(len(body)),
        "content-language": language.value,
        "connection": "close",
    }
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": refusal.status, "headers": encoded})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    # Closed at once, the connection would be reset under a client that still sends, and with it
    # our answer.
    await drain()
    await send({"type": "http.response.body", "body": b""})
