"""MiniStack with less work for each call: what it takes of a small machine, the product lacks.

It goes through all deduplication ids of five minutes at every send to a FIFO queue, reads the
policies of a caller twice at every call, dates each answer although uvicorn does, and would be
served by an HTTP parser in Python.
"""

from __future__ import annotations

import os
import time
from functools import lru_cache
from typing import Any

import uvicorn
from ministack import app as gateway
from ministack.core import iam_evaluator
from ministack.services import sqs

from local.serving import config

PRUNE_EVERY = 1.0  # seconds by which an id may be remembered too long
ENDING = 1  # seconds for calls that are open when it is asked to stop; then it saves its state

_prune: Any = sqs._prune_dedup
_read: Any = iam_evaluator.parse_policy_document
_read_once = lru_cache(maxsize=256)(_read)


def prune_now_and_then(queue: dict[str, Any]) -> None:
    now = time.monotonic()
    if now >= queue.get("pruned_at", 0.0) + PRUNE_EVERY:
        queue["pruned_at"] = now
        _prune(queue)


def read_policy(document: str | dict[str, Any]) -> Any:
    """The statements of a policy. A text is read once; a policy that is changed is another text."""
    return _read_once(document) if isinstance(document, str) else _read(document)


if __name__ == "__main__":
    gateway._with_date_header = lambda send: send
    iam_evaluator.parse_policy_document = read_policy
    sqs._prune_dedup = prune_now_and_then
    host, port = os.environ["BIND_HOST"], int(os.environ["GATEWAY_PORT"])
    options = config(gateway.app, host, port, lifespan="on", timeout_graceful_shutdown=ENDING)
    uvicorn.Server(options).run()
