"""The ASGI application: reads a request and hands it to the service or the control endpoints."""

from __future__ import annotations

import json
import re
from urllib.parse import unquote

from local.bedrock.control import HANDLERS
from local.bedrock.simulator import COUNT_TOKENS, INVOKE, STREAM, Simulator
from local.bedrock.wire import Exchange, Receive, Scope, Send, dumps

PATH = re.compile(r"/model/([^/]+)/(invoke|invoke-with-response-stream|count-tokens)")
GUARDRAIL = re.compile(r"/guardrail/([^/]+)/version/([^/]+)/apply")
OPERATIONS = {
    "invoke": INVOKE,
    "invoke-with-response-stream": STREAM,
    "count-tokens": COUNT_TOKENS,
}


class App:
    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _read(receive)
        headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
        exchange = Exchange(receive, send, scope["extensions"]["write"]["write"], headers)
        path = scope["raw_path"].decode()
        call = PATH.fullmatch(path)
        if call and scope["method"] == "POST":
            operation, model_id = OPERATIONS[call[2]], unquote(call[1])
            await self.simulator.call(exchange, operation, model_id, body)
            return
        applied = GUARDRAIL.fullmatch(path)
        if applied and scope["method"] == "POST":
            await self.simulator.apply_guardrail(exchange, unquote(applied[1]), applied[2], body)
            return
        status, answer = self._control(scope["method"], path, body)
        await exchange.respond(status, dumps(answer))

    def _control(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, object]]:
        handler = HANDLERS.get((method, path))
        if handler is None:
            return 404, {"message": f"no such operation: {method} {path}"}
        try:
            return 200, handler(self.simulator, json.loads(body or b"{}"))
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            return 400, {"message": str(error)}


async def _read(receive: Receive) -> bytes:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message.get("body", b"")
        more = message.get("more_body", False)
    return body
