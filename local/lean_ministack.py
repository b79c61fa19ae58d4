"""MiniStack with less work for each call: what it takes of a small machine, the product lacks.

It goes through all deduplication ids of five minutes at every send to a FIFO queue, and runs on
asyncio's own loop.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import uvloop
from ministack.app import main
from ministack.services import sqs

PRUNE_EVERY = 1.0  # seconds by which an id may be remembered too long

_prune: Any = sqs._prune_dedup


def prune_now_and_then(queue: dict[str, Any]) -> None:
    now = time.monotonic()
    if now >= queue.get("pruned_at", 0.0) + PRUNE_EVERY:
        queue["pruned_at"] = now
        _prune(queue)


if __name__ == "__main__":
    sqs._prune_dedup = prune_now_and_then
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    main()
