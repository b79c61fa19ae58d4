"""The chunks of a streamed answer off the wire, for a quarter of what botocore's reading costs."""

from __future__ import annotations

import json
import struct
from binascii import a2b_base64
from collections.abc import Iterator
from functools import lru_cache
from typing import cast
from zlib import crc32

from botocore.eventstream import ChecksumMismatch, EventStreamBuffer
from botocore.exceptions import EventStreamError

from mangaassist.aws_answers import json_object
from mangaassist.bedrock_wire import STREAMED

HEAD = struct.Struct("!III")  # bytes of the message and of its headers, and their checksum
CHECKSUM = struct.Struct("!I")
PRELUDE = HEAD.size - CHECKSUM.size
DECODE = json.JSONDecoder().decode  # what json.loads comes to at last
OF_CHUNK = (b":event-type\x07\x00\x05chunk", b":message-type\x07\x00\x05event")  # as headers


def chunks(held: bytearray) -> Iterator[bytes]:
    """What the chunks of an event stream hold, as far as they are whole; these are taken off.

    Raises what botocore raises for a message that is an error or damaged.
    """
    while len(held) >= HEAD.size:
        length, of_headers, checksum = HEAD.unpack_from(held)
        _check(held[:PRELUDE], checksum)
        if len(held) < length:
            return
        message = bytes(held[:length])
        del held[:length]
        end = length - CHECKSUM.size
        _check(message[:end], *CHECKSUM.unpack_from(message, end))
        if _are_of_chunk(message[HEAD.size : HEAD.size + of_headers]):
            payload = message[HEAD.size + of_headers : end]
            yield a2b_base64(DECODE(payload.decode())["bytes"])
        else:
            _refuse(message)


def _check(data: bytes | bytearray, expected: int) -> None:
    found = crc32(data)
    if found != expected:
        raise ChecksumMismatch(expected, found)


@lru_cache(maxsize=16)
def _are_of_chunk(headers: bytes) -> bool:
    return all(header in headers for header in OF_CHUNK)


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
