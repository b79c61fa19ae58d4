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
FIRST_PAUSE = 0.1  # seconds, at most, before the second attempt; twice as long before the third


def call(client: Any, operation: str, params: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Makes a call as `wire.call` does, and tries it again. seconds: limit of each attempt."""
    for attempt in range(1, ATTEMPTS):
        try:
            return wire.call(client, operation, params, seconds)
        except (ClientError, BotoCoreError, Temporary) as error:
            if not isinstance(classify(error), Temporary):
                raise
        time.sleep(random.random() * FIRST_PAUSE * 2 ** (attempt - 1))
    return wire.call(client, operation, params, seconds)
