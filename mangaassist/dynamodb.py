"""Calls of DynamoDB that somebody waits for; boto3's cost several times the CPU."""

from __future__ import annotations

import random
import time
from collections import deque
from functools import cache
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import aws
from mangaassist.errors import Temporary, classify
from mangaassist.wire import Wire

ATTEMPTS = 3
FIRST_PAUSE = 0.1  # seconds, at most, before the second attempt; twice as long before the third
LONGEST = 5.0  # seconds of an attempt


def call(operation: str, **params: Any) -> dict[str, Any]:
    """Makes a call in the terms of the API, with attributes as {"S": "text"}, and tries it again.

    Raises what boto3 raises, or Temporary for an answer that is none.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return _once(operation, params)
        except (ClientError, BotoCoreError, Temporary) as error:
            if not isinstance(classify(error), Temporary):
                raise
        time.sleep(random.random() * FIRST_PAUSE * 2 ** (attempt - 1))
    return _once(operation, params)


def _once(operation: str, params: dict[str, Any]) -> dict[str, Any]:
    client = aws.dynamodb()
    wires = idle(client)
    try:
        wire = wires.pop()
    except IndexError:
        wire = Wire(client)
    try:
        return wire.call(operation, params, LONGEST)
    finally:
        wires.append(wire)


@cache
def idle(client: Any) -> deque[Wire]:
    """Connections with a client's credentials that no thread uses."""
    return deque()
