"""Ports on loopback: the preferred one when nobody has it, else any free one."""

from __future__ import annotations

import socket


def preferred_or_free(preferred: int) -> int:
    return preferred if is_free(preferred) else free()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free() -> int:
    """A port that was free a moment ago; another program can still take it first."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
