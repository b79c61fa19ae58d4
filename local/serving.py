"""Serves a stand-in of ours over HTTP until SIGTERM."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import uvicorn

from local.answering import Protocol

# New objects after which garbage is looked for. With the usual 700 that takes a twentieth of the
# time, and thrice as long to load an index.
OBJECTS = 200_000
KEEP_ALIVE = 75  # seconds; shorter ones close connections that a client's pool still trusts


class Server(uvicorn.Server):
    """A server that says where it listens and, once told to stop, waits for nobody."""

    def __init__(self, config: uvicorn.Config, name: str) -> None:
        super().__init__(config)
        self.name = name
        self.at_end: Callable[[], None] | None = None

    def _log_started_message(self, listeners: Sequence[socket.SocketType]) -> None:
        host, port = listeners[0].getsockname()[:2]
        print(f"{self.name} on http://{host}:{port}", flush=True)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self.force_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        if self.at_end:
            self.at_end()


def server(app: Any, name: str, host: str, port: int) -> Server:
    """app: an ASGI application. port: 0 takes a free one, which is printed."""
    return Server(config(app, host, port, lifespan="off"), name)


def config(app: Any, host: str, port: int, **options: Any) -> uvicorn.Config:
    """What all stand-ins in Python have in common. options: of uvicorn, beside it."""
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        loop="uvloop",
        http=Protocol,
        ws="none",
        log_level="error",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        **options,
    )


def collect_seldom() -> None:
    """Lets this process look for garbage seldom: hardly any of it is in circles."""
    gc.set_threshold(OBJECTS)
