"""The chunks of a streamed answer off the wire, for a quarter of what botocore's reading costs."""

from __future__ import annotations

import base64
import json
import struct
import zlib
from collections.abc import Iterator
from typing import Any, cast

from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from botocore.exceptions import EventStreamError

from mangaassist.aws_answers import json_object
from mangaassist.bedrock_wire import STREAMED

PRELUDE = struct.Struct("!II")  # bytes of the message and of its headers
CHECKSUM = struct.Struct("!I")
HEAD = PRELUDE.size + CHECKSUM.size
OF_CHUNK = (b":event-type\x07\x00\x05chunk", b":message-type\x07\x00\x05event")  # as headers


def chunks(raw: Any) -> Iterator[bytes]:
    """What the chunks of an event stream hold, as they come.

    raw: of urllib3, unread. Raises what botocore raises for a message that is an error or damaged.
    """
    held = bytearray()
    for data in raw.stream():
        held += data
        while (message := _take(held)) is not None:
            _, headers = PRELUDE.unpack_from(message)
            if all(header in message[HEAD : HEAD + headers] for header in OF_CHUNK):
                payload = message[HEAD + headers : -CHECKSUM.size]
                yield base64.b64decode(json.loads(payload)["bytes"])
            else:
                _refuse(message)


def _take(held: bytearray) -> bytes | None:
    """Takes the first whole message off; None until there is one."""
    if len(held) < HEAD:
        return None
    _check(held[:HEAD])
    length, _ = PRELUDE.unpack_from(held)
    if len(held) < length:
        return None
    message = bytes(held[:length])
    del held[:length]
    _check(message)
    return message


def _check(data: bytes | bytearray) -> None:
    (expected,) = CHECKSUM.unpack_from(data, len(data) - CHECKSUM.size)
    found = zlib.crc32(memoryview(data)[: -CHECKSUM.size])
    if found != expected:
        raise ChecksumMismatch(expected, found)


def _refuse(message: bytes) -> None:
    """Raises the error that a message is; an event of another kind is nothing to us."""
    buffer = EventStreamBuffer()
    buffer.add_data(message)
    event = next(buffer)
    headers = cast(dict[str, str], event.headers)
    if headers.get(":message-type") == "event":
        return
    code, text = headers.get(":error-code", ""), headers.get(":error-message", "")
    if kind := headers.get(":exception-type"):
        code, text = kind, (json_object(event.payload) or {}).get("message", "")
    raise EventStreamError({"Error": {"Code": code, "Message": text}}, STREAMED)
