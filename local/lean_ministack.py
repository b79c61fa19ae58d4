"""MiniStack with less work for each call: what it takes of a small machine, the product lacks.

It asks each call whether it is not something else, goes through all deduplication ids of five
minutes at every send to a FIFO queue, reads the policies of a caller twice at every call and a
request four times, takes a condition apart anew for each row that it meets, copies rows as if
anything could be in them, dates each answer although uvicorn does, and would be served by an HTTP
parser in Python.
"""

from __future__ import annotations

import copy
import json
import os
import time
from collections.abc import Awaitable, Callable
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import uvicorn
from ministack import app as gateway
from ministack.core import iam_actions, iam_evaluator
from ministack.services import dynamodb, sqs

from local import serving

PRUNE_EVERY = 1.0  # seconds by which an id may be remembered too long
ENDING = 1  # seconds for calls that are open when it is asked to stop; then it saves its state
# What depends on a text alone, and how many texts are remembered. A policy that is changed is
# another text; rows repeat their numbers whenever they are read.
PURE: list[tuple[Any, str, int]] = [
    (iam_evaluator, "parse_policy_document", 256),
    (dynamodb, "_tokenize", 1_024),
    (dynamodb, "_condition_syntax_error", 1_024),
    (dynamodb, "_ddb_canonicalize_number", 65_536),
    (dynamodb, "_number_size_bytes", 65_536),
]

Handler = Callable[..., Awaitable[Any]]

_prune: Any = sqs._prune_dedup
_size: Any = dynamodb._attribute_value_size


def once(function: Callable[..., Any], most: int) -> Callable[..., Any]:
    """Remembers what a function of a text gave, which nobody may change.

    most: texts that are remembered.
    """
    remembered = lru_cache(maxsize=most)(function)

    def called(text: Any, *rest: Any) -> Any:
        return (remembered if isinstance(text, str) else function)(text, *rest)

    return called


def unless_a_call(handle: Handler) -> Handler:
    """A handler of what goes by host or path, but for calls of AWS's JSON protocols."""

    async def handled(method: str, path: str, headers: Any, *rest: Any, **more: Any) -> Any:
        if method == "POST" and path == "/" and "x-amz-target" in headers:
            return None
        return await handle(method, path, headers, *rest, **more)

    return handled


def prune_now_and_then(queue: dict[str, Any]) -> None:
    now = time.monotonic()
    if now >= queue.get("pruned_at", 0.0) + PRUNE_EVERY:
        queue["pruned_at"] = now
        _prune(queue)


def size(value: Any) -> Any:
    """Bytes of an attribute; that of texts and numbers, which most are, without a detour."""
    if type(value) is dict and len(value) == 1:
        [(kind, content)] = value.items()
        if kind == "S" and type(content) is str:
            return len(content.encode())
        if kind == "N":
            return dynamodb._number_size_bytes(content)
    return _size(value)


def copied(value: Any) -> Any:
    """A deep copy. Rows are JSON, which cannot hold itself, so nobody need look out for that."""
    kind = type(value)
    if kind is dict:
        return {name: copied(part) for name, part in value.items()}
    if kind is list:
        return [copied(part) for part in value]
    return value if kind is str else copy.deepcopy(value)


def patch() -> None:
    gateway._with_date_header = lambda send: send
    for name in ("pre_body_request", "post_body_shortcuts", "special_data_plane_request"):
        handler = unless_a_call(getattr(gateway, f"_handle_{name}"))
        setattr(gateway, f"_handle_{name}", handler)
    # Those who ask who may do what only look at a request; the service reads its own.
    reading = {"loads": lru_cache(maxsize=1)(json.loads)}
    iam_actions.json = SimpleNamespace(**vars(json) | reading)
    sqs._prune_dedup = prune_now_and_then
    dynamodb.copy = SimpleNamespace(deepcopy=copied)
    dynamodb._attribute_value_size = size
    for module, function, most in PURE:
        setattr(module, function, once(getattr(module, function), most))


def main() -> None:
    patch()
    serving.collect_seldom()
    host, port = os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])
    options = serving.config(
        gateway.app, host, port, lifespan="on", timeout_graceful_shutdown=ENDING
    )
    uvicorn.Server(options).run()


if __name__ == "__main__":
    main()
