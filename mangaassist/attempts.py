"""Calls of AWS that are made again when that may help; boto3's cost several times the CPU."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import wire
from mangaassist.errors import Temporary, classify

ATTEMPTS = 3


def call(
    client: Any, operation: str, params: Mapping[str, Any], seconds: float, first_pause: float
) -> dict[str, Any]:
    """Makes a call as `wire.call` does, and tries it again.

    seconds: limit of each attempt; first_pause: seconds, at most, before the second attempt; the
    third waits up to twice as long.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return wire.call(client, operation, params, seconds)
        except (ClientError, BotoCoreError, Temporary) as error:
            if not isinstance(classify(error), Temporary):
                raise
        time.sleep(random.random() * first_pause * 2 ** (attempt - 1))
    return wire.call(client, operation, params, seconds)
