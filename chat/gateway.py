"""The chat's second way in: connections that API Gateway holds, and tells us of over HTTP.

`gateway_mapping.json` says how its routes call us. Each connection is held by one process, which
runs the WebSocket application for it; any process takes its messages, and takes the connection
over when its process has died.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from redis.exceptions import RedisError

from chat.gateway_line import Line
from chat.gateway_owners import Handshake, Owners
from mangaassist.body_limit import App, Receive, Scope, Send

PATH = "/chat/gateway/"
MAPPING = Path(__file__).parent / "gateway_mapping.json"  # for CreateIntegration
CONNECT, DISCONNECT = "$connect", "$disconnect"
HANDSHAKE = ("host", "origin", "cookie", "accept-language", "lang", "client")
PATIENCE = 20.0  # seconds for a handshake; API Gateway waits 29
TRIES = 3  # to find a process for a message while processes die

log = structlog.get_logger(__name__)


class Gateway:
    """ASGI application around the WebSocket one and that of all other HTTP requests."""

    def __init__(self, websocket: App, http: App) -> None:
        self._websocket = websocket
        self._http = http
        self._owners: Owners | None = None
        self._lines: dict[str, Line] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != PATH:
            await self._http(scope, receive, send)
            return
        await _respond(await self._status(scope, receive), send)

    async def drain(self) -> None:
        """Returns when no connection is left here; whoever holds them ends them."""
        while self._tasks:
            await asyncio.wait(self._tasks)
        if self._owners is not None:
            await self._owners.close()

    async def _status(self, scope: Scope, receive: Receive) -> int:
        """What a call of API Gateway comes to."""
        headers = dict(_ours(scope))
        connection = headers.get("connection", "")
        if not settings.CHAT_GATEWAY_SECRET:
            return 404
        if not _is_secret(headers.get("gateway", "")):
            return 403
        if scope["method"] != "POST" or not connection:
            return 400
        body = await _body(receive)
        try:
            return await self._take(connection, headers, body)
        except (RedisError, OSError) as error:
            log.warning("chat_gateway_unavailable", error=type(error).__name__)
            return 503

    async def _take(self, connection: str, headers: dict[str, str], body: bytes) -> int:
        owners = self._owners = self._owners or Owners(settings.REDIS_URL, self._hear)
        await owners.start()
        route = headers.get("route", "")
        if route == CONNECT:
            return await self._connect(owners, connection, headers)
        for _ in range(TRIES):
            if connection in self._lines:
                self._hear(connection, route, body)
                return 200
            found = await owners.find(connection)
            if found is None or found[0] == owners.me:  # It has ended here.
                return 200 if route == DISCONNECT else 410
            owner, handshake = found
            if await owners.tell(owner, connection, route, body):
                return 200
            if route == DISCONNECT:
                await owners.forget(connection, owner)
                return 200
            if await owners.take(connection, owner):
                log.info("chat_gateway_connection_taken_over")
                # Whoever was only cut off from Redis for a while lets go of it.
                await owners.publish(owner, connection, DISCONNECT, b"")
                await self._hold(owners, connection, handshake).accepted
        return 503

    async def _connect(self, owners: Owners, connection: str, headers: dict[str, str]) -> int:
        handshake = {name: headers[name] for name in HANDSHAKE if name in headers}
        await owners.keep(connection, handshake)
        line = self._hold(owners, connection, handshake)
        async with asyncio.timeout(PATIENCE):
            return 200 if await asyncio.shield(line.accepted) else 403

    def _hold(self, owners: Owners, connection: str, handshake: Handshake) -> Line:
        """Runs the WebSocket application for a connection, from now on in this process."""
        line = self._lines[connection] = Line(connection)
        task = asyncio.create_task(self._run(owners, connection, line, handshake))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return line

    async def _run(self, owners: Owners, connection: str, line: Line, handshake: Handshake) -> None:
        try:
            await self._websocket(_scope(handshake), line.receive, line.send)
            if line.accepted.done() and line.accepted.result():
                await line.end()  # Also after a cut, which says nothing.
        except Exception:
            log.exception("chat_gateway_connection_failed")
        finally:
            line.drop()
            del self._lines[connection]
        try:
            await owners.forget(connection, owners.me)
        except (RedisError, OSError) as error:
            log.warning("chat_gateway_not_forgotten", error=type(error).__name__)

    def _hear(self, connection: str, route: str, body: bytes) -> None:
        """Hands a message to its connection; one that sends faster than we look is cut off."""
        line = self._lines.get(connection)
        if line is None:
            log.info("chat_gateway_message_too_late")
        elif route == DISCONNECT:
            line.leave()
        else:
            try:
                line.hear(body)
            except asyncio.QueueFull:
                log.warning("chat_gateway_flooded")
                line.leave(is_gone=False)


def _ours(scope: Scope) -> Iterator[tuple[str, str]]:
    """The headers of the mapping, without their prefix. One that came twice is none of it."""
    names = [name for name, _ in scope["headers"]]
    for name, value in scope["headers"]:
        if name.startswith(b"x-chat-") and names.count(name) == 1:
            yield name.decode("latin-1").removeprefix("x-chat-"), value.decode("latin-1")


def _is_secret(given: str) -> bool:
    return hmac.compare_digest(given.encode(), settings.CHAT_GATEWAY_SECRET.encode())


def _scope(handshake: Handshake) -> dict[str, Any]:
    """The handshake as the WebSocket application knows it."""
    headers = [
        (name.encode(), handshake[name].encode("latin-1"))
        for name in ("host", "origin", "cookie", "accept-language")
        if name in handshake
    ]
    client = handshake.get("client", "")
    headers.append((b"x-forwarded-for", client.encode("latin-1")))
    language = handshake.get("lang", "")
    query = f"lang={language}" if language.isalpha() and language.isascii() else ""
    return {
        "type": "websocket",
        "path": "/ws/chat/",
        "query_string": query.encode(),
        "headers": headers,
        "client": (client, 0),
        "subprotocols": [],
    }


async def _body(receive: Receive) -> bytes:
    """Raises ConnectionResetError when the caller goes away meanwhile."""
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ConnectionResetError("API Gateway went away.")
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _respond(status: int, send: Send) -> None:
    headers = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b""})
