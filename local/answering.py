"""uvicorn's HTTP with less work for an answer: one write where it makes two, for head and body.

Each write wakes up whoever waits for it.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle


class Protocol(HttpToolsProtocol):
    """It also offers applications `write_part`, below, as an extension of ASGI."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(Gathering(transport, self.loop))  # type: ignore[arg-type]

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: Any) -> None:
        write = partial(cycle.transport.write_part, cycle)  # type: ignore[attr-defined]
        cycle.scope["extensions"] = {"write": {"write": write}}
        super()._start_asgi_task(cycle, app)


class Gathering:
    """A transport that sends together what is written within one turn of the loop."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._waiting: list[bytes] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        if not self._waiting:
            self._loop.call_soon(self.flush)
        self._waiting.append(data)

    def flush(self) -> None:
        if self._waiting:
            data = b"".join(self._waiting)
            self._waiting.clear()
            self._transport.write(data)

    def write_part(self, cycle: RequestResponseCycle, data: bytes) -> None:
        """Sends, at once, more of a body that has begun and whose length is not known.

        It does not wait for a client that reads slowly.
        """
        if data and not cycle.disconnected:
            self._waiting.append(b"%x\r\n%b\r\n" % (len(data), data))
            self.flush()

    def close(self) -> None:
        self.flush()
        self._transport.close()
