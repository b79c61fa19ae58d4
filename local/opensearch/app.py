"""The ASGI application: ROUTES says which operations there are."""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote

from local.opensearch import serverless
from local.opensearch.cluster import Cluster
from local.opensearch.errors import Refused, illegal
from local.opensearch.operations import ROUTES, Answer, Request

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
HEALTH = "/_sim/health"  # which is no part of OpenSearch
OF_ANY = {"cluster_manager_timeout", "error_trace", "filter_path", "human", "pretty", "timeout"}
OPERATIONS = [
    (
        methods.split(),
        re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)),
        operation,
        OF_ANY | set(parameters.split()),
    )
    for methods, path, operation, parameters in ROUTES
]

# An operation, what stands in its path, and the parameters that it takes.
Route = tuple[Callable[[Request], Answer], Mapping[str, str], set[str]]


class App:
    def __init__(self, cluster: Cluster) -> None:
        self.cluster = cluster

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = await _body(receive)
        try:
            status, answer = self._answer(scope, body)
        except Refused as refused:
            status, answer = refused.status, refused.body()
        data = ENCODER.encode(answer).encode()
        head = [(b"content-type", b"application/json; charset=UTF-8")]
        head.append((b"content-length", str(len(data)).encode()))
        await send({"type": "http.response.start", "status": status, "headers": head})
        await send({"type": "http.response.body", "body": data})

    def _answer(self, scope: Scope, body: bytes) -> tuple[int, Any]:
        method, path = scope["method"], scope["raw_path"].decode()
        if path == HEALTH:
            return 200, {"status": "ok"}
        if self.cluster.service.serverless:
            headers = {name.decode(): value.decode() for name, value in scope["headers"]}
            serverless.check_signature(headers, body)
        parameters = dict(parse_qsl(scope["query_string"].decode()))
        if route := _route(method, path):
            operation, names, known = route
            for name in parameters.keys() - known:
                raise illegal(f"request [{path}] contains unrecognized parameter: [{name}]")
            return operation(Request(self.cluster, method, names, parameters, body))
        if self.cluster.service.serverless:
            raise serverless.Denied(404, "NotFound")
        return 400, {"error": f"no handler found for uri [{path}] and method [{method}]"}


# Searches are most of all requests, and they are many of few paths.
@lru_cache(maxsize=1_024)
def _route(method: str, path: str) -> Route | None:
    for methods, pattern, operation, known in OPERATIONS:
        found = pattern.fullmatch(path)
        if found and method in methods:
            names = {key: unquote(value) for key, value in found.groupdict().items()}
            return operation, names, known
    return None


async def _body(receive: Receive) -> bytes:
    parts, more = [], True
    while more:
        message = await receive()
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    return b"".join(parts)
