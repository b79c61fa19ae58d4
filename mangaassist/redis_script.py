"""A Lua script on Redis, run for a quarter of redis-py's CPU, which a chat message pays twice.

Addresses, TLS, passwords, time-outs and errors are redis-py's; what is left out is a poll before
each command, a retry around it, and its search for features that a script does not use.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import redis
from hiredis import pack_command
from redis.exceptions import NoScriptError, ReadOnlyError

Words = tuple[str | float, ...]


class RedisScript:
    """Any thread may run it; each has a connection for itself meanwhile."""

    def __init__(self, client: redis.Redis, source: str) -> None:
        """client: of `rates.connect`; only its addresses and limits are used."""
        self._pool: Any = client.connection_pool  # untyped in redis-py, as its connections are
        self._load: Words = ("SCRIPT", "LOAD", source)
        self._name = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()
        self._idle: deque[Any] = deque()  # connections that no thread uses

    def run(self, keys: Sequence[str], arguments: Sequence[str | float]) -> Any:
        """What the script returns, with texts as bytes. Raises redis.RedisError.

        A Redis that dies while the script runs may have it run again when it is back.
        """
        words: Words = ("EVALSHA", self._name, len(keys), *keys, *arguments)
        with self._connection() as connection:
            try:
                return _say(connection, words)
            except NoScriptError:
                _say(connection, self._load)
                return _say(connection, words)

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            connection = self._idle.pop()
        except IndexError:
            connection = self._pool.make_connection()
        try:
            yield connection
        finally:
            self._idle.append(connection)


def _say(connection: Any, words: Words) -> Any:
    """The answer to one command. redis-py closes a connection whose exchange failed."""
    command = (pack_command(words),)  # type: ignore[arg-type]  # its stub knows one word alone
    if connection.is_connected:
        try:
            return _exchange(connection, command)
        except redis.ConnectionError:
            pass  # Redis has closed it since: it was started again, or another took over.
    connection.connect()
    return _exchange(connection, command)


def _exchange(connection: Any, command: tuple[bytes]) -> Any:
    connection.send_packed_command(command, check_health=False)
    try:
        return connection.read_response()
    except ReadOnlyError:
        connection.disconnect()  # Another has taken over: the next command looks for it.
        raise
