"""Bedrock's wire format: HTTP errors, event-stream frames and plain JSON replies over ASGI."""

from __future__ import annotations

import binascii
import json
import struct
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

Message = dict[str, Any]
Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
NO_HEADERS: Mapping[str, str] = {}
STATUS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelStreamErrorException": 424,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
# The errors that the service model lets a stream raise after its first byte.
STREAM_ERRORS = {
    "InternalServerException",
    "ModelStreamErrorException",
    "ModelTimeoutException",
    "ServiceUnavailableException",
    "ThrottlingException",
    "ValidationException",
}


@dataclass(frozen=True)
class Exchange:
    """One HTTP request being answered; its body is already read.

    write: sends more of a body that has begun, at once. headers: names in lower case.
    """

    receive: Receive
    send: Send
    write: Callable[[bytes], None]
    headers: Mapping[str, str] = field(default_factory=dict)
    request_id: str = field(default_factory=lambda: str(uuid4()))

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        head = {"x-amzn-requestid": self.request_id, **headers}
        pairs = [(name.encode(), value.encode()) for name, value in head.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": pairs})

    async def body(self, data: bytes, *, more: bool = False) -> None:
        await self.send({"type": "http.response.body", "body": data, "more_body": more})

    async def respond(
        self,
        status: int,
        body: bytes,
        headers: Mapping[str, str] = NO_HEADERS,
        *,
        cut: bool = False,
    ) -> None:
        """Sends a JSON body; `cut` leaves out its second half, and the server then hangs up."""
        length = str(len(body))
        await self.start(
            status, {"content-type": "application/json", "content-length": length, **headers}
        )
        await self.body(body[: len(body) // 2] if cut else body, more=cut)

    async def fail(self, error: BedrockError) -> None:
        headers = {"x-amzn-errortype": error.name}
        await self.respond(STATUS[error.name], dumps({"message": error.message}), headers)

    async def disconnected(self) -> None:
        """Returns when the client has closed its connection."""
        while (await self.receive())["type"] != "http.disconnect":
            pass


class BedrockError(Exception):
    """An error the service answers with; `name` is its AWS name, a key of STATUS."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(f"{name}: {message}")
        self.name = name
        self.message = message


def dumps(value: object) -> bytes:
    return ENCODER.encode(value).encode()


def frame(headers: bytes, payload: bytes) -> bytes:
    """One event-stream message: lengths, their CRC, headers, payload, CRC of everything before."""
    prelude = struct.pack("!II", 16 + len(headers) + len(payload), len(headers))
    body = prelude + struct.pack("!I", binascii.crc32(prelude)) + headers + payload
    return body + struct.pack("!I", binascii.crc32(body))


def headers(values: Mapping[str, str]) -> bytes:
    """Event-stream headers; 7 is the type code of a string."""
    return b"".join(
        struct.pack("!B", len(name))
        + name.encode()
        + struct.pack("!BH", 7, len(value))
        + value.encode()
        for name, value in values.items()
    )


CHUNK = headers(
    {":event-type": "chunk", ":content-type": "application/json", ":message-type": "event"}
)


def chunk(event: bytes) -> bytes:
    """A stream frame that carries one event of the model."""
    return frame(CHUNK, b'{"bytes":"' + b64encode(event) + b'"}')


def exception(error: BedrockError) -> bytes:
    """A stream frame that ends the stream with an error."""
    name = error.name[0].lower() + error.name[1:]
    values = {
        ":exception-type": name,
        ":content-type": "application/json",
        ":message-type": "exception",
    }
    return frame(headers(values), dumps({"message": error.message}))
