"""One WebSocket API: hands what pages say to an HTTP integration, and takes what they are sent."""

from __future__ import annotations

import asyncio
import json
import secrets
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]

CONNECTIONS = "/@connections/"
MOST_BYTES = 128 * 1024  # of one message
SECONDS = 29  # that an integration may take
HEADER = "integration.request.header."


class Gateway:
    """ASGI application for pages and for @connections.

    integrations: URLs that calls go to in turn, as a load balancer behind the API would send them.
    mapping: route → RequestParameters of its integration. variables: of the stage.
    """

    def __init__(
        self,
        integrations: list[str],
        mapping: Mapping[str, Mapping[str, str]],
        variables: Mapping[str, str],
    ) -> None:
        self.integrations = integrations
        self._mapping = mapping
        self._variables = variables
        self._open: dict[str, Send] = {}
        self._ended: dict[str, asyncio.Event] = {}
        self._calls = 0
        self.throttled = 0  # so many posts are refused first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await self._carry(scope, receive, send)
        else:
            await self._manage(scope, receive, send)

    async def _carry(self, scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        connection = secrets.token_urlsafe(9) + "="
        sources = _sources(scope, connection, self._variables)
        if await self._call("$connect", sources, b"") // 100 != 2:
            await send({"type": "websocket.close"})
            return
        context = {name: value for name, value in sources.items() if "route.request" not in name}
        await send({"type": "websocket.accept"})
        self._open[connection] = send
        ended = self._ended[connection] = asyncio.Event()
        try:
            await self._listen(context, receive, ended)
            if ended.is_set():
                await send({"type": "websocket.close", "code": 1000})
        finally:
            self._open.pop(connection, None)
            del self._ended[connection]
            await self._call("$disconnect", context, b"")

    async def _listen(
        self, context: dict[str, str], receive: Receive, ended: asyncio.Event
    ) -> None:
        ending = asyncio.create_task(ended.wait())
        while not ended.is_set():
            receiving = asyncio.ensure_future(receive())
            await asyncio.wait({receiving, ending}, return_when=asyncio.FIRST_COMPLETED)
            if not receiving.done():
                receiving.cancel()
                return
            message = receiving.result()
            if message["type"] == "websocket.disconnect":
                break
            text = message.get("text")
            await self._call(
                "$default", context, message["bytes"] if text is None else text.encode()
            )
        ending.cancel()

    async def _call(self, route: str, sources: Mapping[str, str], body: bytes) -> int:
        """The status that the integration answers with, 504 without an answer."""
        known = {**sources, "context.routeKey": route}
        headers = {
            target.removeprefix(HEADER): known[source]
            for target, source in self._mapping[route].items()
            if source in known
        }
        self._calls += 1
        url = self.integrations[self._calls % len(self.integrations)]
        request = urllib.request.Request(url, body, headers, method="POST")
        return await asyncio.to_thread(_status, request)

    async def _manage(self, scope: Scope, receive: Receive, send: Send) -> None:
        connection = unquote(scope["path"]).rpartition(CONNECTIONS)[2]
        body = await _body(receive)
        if connection not in self._open:
            await _answer(send, 410, "GoneException")
        elif scope["method"] == "DELETE":
            del self._open[connection]
            self._ended[connection].set()
            await _answer(send, 204)
        elif scope["method"] == "POST" and len(body) > MOST_BYTES:
            await _answer(send, 413, "PayloadTooLargeException")
        elif scope["method"] == "POST" and self.throttled:
            self.throttled -= 1
            await _answer(send, 429, "LimitExceededException")
        elif scope["method"] == "POST":
            await self._open[connection]({"type": "websocket.send", "text": body.decode()})
            await _answer(send, 200)
        else:
            await _answer(send, 200)


def _sources(scope: Scope, connection: str, variables: Mapping[str, str]) -> dict[str, str]:
    """What a mapping may name, by its expression."""
    headers = {name.decode().title(): value.decode("latin-1") for name, value in scope["headers"]}
    query = dict(parse_qsl(scope["query_string"].decode()))
    return {
        "context.connectionId": connection,
        "context.domainName": headers["Host"],
        "context.identity.sourceIp": scope["client"][0],
        **{f"stageVariables.{name}": value for name, value in variables.items()},
        **{f"route.request.header.{name}": value for name, value in headers.items()},
        **{f"route.request.querystring.{name}": value for name, value in query.items()},
    }


def _status(request: urllib.request.Request) -> int:
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as refused:
        refused.close()
        return refused.code
    except OSError:
        return 504


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body


async def _answer(send: Send, status: int, error: str = "") -> None:
    body = b"" if status == 204 else json.dumps({"message": error} if error else {}).encode()
    headers = [(b"content-type", b"application/json")]
    if error:
        headers.append((b"x-amzn-errortype", error.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
