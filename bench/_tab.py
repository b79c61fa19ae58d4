"""One WebSocket as a page opens it, with as little work as the protocol allows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import struct
from collections.abc import Callable
from typing import cast

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"  # RFC 6455
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
FINAL, MASKED = 0x80, 0x80
NO_MASK = bytes(4)  # A mask of zeros leaves the payload as it is.
SHORT, MIDDLE = 125, 126  # lengths that fit the header, and what says that two bytes follow


class Tab(asyncio.Protocol):
    """Sends texts and hands over those that come. heard: takes one of them."""

    def __init__(
        self, host: str, cookie: str, address: str, heard: Callable[[bytes], None]
    ) -> None:
        loop = asyncio.get_running_loop()
        self.opened: asyncio.Future[None] = loop.create_future()
        self._head = handshake(host, cookie, address)
        self._heard = heard
        self._data = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._head[0])

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        if not self.opened.done():
            self.opened.set_exception(ConnectionError("The server closed the handshake."))

    def data_received(self, data: bytes) -> None:
        self._data += data
        if not self.opened.done() and not self._is_answered():
            return
        while (frame := take(self._data)) is not None:
            kind, payload = frame
            if kind == TEXT:
                self._heard(payload)
            elif kind == PING:
                self._write(PONG, payload)
            elif kind == CLOSE and self._transport is not None:
                self._transport.close()

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def say(self, text: bytes) -> None:
        self._write(TEXT, text)

    def _write(self, kind: int, payload: bytes) -> None:
        if self._transport is not None:
            self._transport.write(frame(kind, payload))

    def _is_answered(self) -> bool:
        head, found, rest = self._data.partition(b"\r\n\r\n")
        if not found:
            return False
        if not head.startswith(b"HTTP/1.1 101") or self._head[1] not in head:
            self.opened.set_exception(ConnectionError(head.decode("latin-1").split("\r\n")[0]))
            return False
        self._data = rest
        self.opened.set_result(None)
        return True


def handshake(host: str, cookie: str, address: str) -> tuple[bytes, bytes]:
    """The request, as a proxy passes it on, and what its answer must contain."""
    key = base64.b64encode(os.urandom(16))
    request = (
        f"GET /ws/chat/?lang=ja HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        f"Sec-WebSocket-Key: {key.decode()}\r\nX-Forwarded-For: {address}\r\n"
        f"Cookie: {cookie}\r\n\r\n"
    )
    return request.encode(), base64.b64encode(
        hashlib.sha1(key + GUID, usedforsecurity=False).digest()
    )


def frame(kind: int, payload: bytes) -> bytes:
    """One whole frame of a client, of at most 64 KB."""
    size = len(payload)
    if size <= SHORT:
        head = bytes((FINAL | kind, MASKED | size))
    else:
        head = struct.pack("!BBH", FINAL | kind, MASKED | MIDDLE, size)
    return head + NO_MASK + payload


def take(data: bytearray) -> tuple[int, bytes] | None:
    """Takes the first whole frame of a server off the data; None until there is one."""
    if len(data) < 2:
        return None
    size, start = data[1], 2
    if size > SHORT:
        start = 4 if size == MIDDLE else 10
        if len(data) < start:
            return None
        size = int.from_bytes(data[2:start], "big")
    if len(data) < start + size:
        return None
    kind, payload = data[0] & 0x0F, bytes(data[start : start + size])
    del data[: start + size]
    return kind, payload
