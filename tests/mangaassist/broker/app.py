"""A Celery app whose tasks tell Valkey what they do; the environment names queue and options."""

from __future__ import annotations

import json
import os
from functools import cache

import celery
import redis

from mangaassist.broker.options import configure
from mangaassist.resources import Queue

SPEC = json.loads(os.environ["BROKER_TEST"])
QUEUE = Queue(**SPEC["queue"])
GATE_SECONDS = 30

app = celery.Celery("broker-tests", fixups=[])
app.conf.worker_prefetch_multiplier = SPEC["prefetch_multiplier"]
configure(app, [QUEUE], **SPEC["options"])


@cache
def valkey() -> redis.Redis:
    # The library's own limit of a few seconds would end a wait at the gate.
    return redis.Redis.from_url(os.environ["REDIS_URL"], decode_responses=True, socket_timeout=None)


@app.task
def note(item: str) -> None:
    """Ends at once."""
    valkey().rpush(f"{QUEUE.name}:started", item)
    valkey().rpush(f"{QUEUE.name}:done", item)


@app.task
def wait(item: str) -> None:
    """Ends when the test opens the gate."""
    valkey().rpush(f"{QUEUE.name}:started", item)
    valkey().blpop([f"{QUEUE.name}:gate"], timeout=GATE_SECONDS)
    valkey().rpush(f"{QUEUE.name}:done", item)


@app.task
def fail(item: str) -> None:
    valkey().rpush(f"{QUEUE.name}:started", item)
    raise ArithmeticError(item)


@app.task
def nothing() -> None:
    """Costs nothing but its message."""
