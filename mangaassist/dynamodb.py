"""Calls of DynamoDB for rows; boto3's cost several times the CPU."""

from __future__ import annotations

import random
import time
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import aws, wire
from mangaassist.errors import Temporary, classify

ATTEMPTS = 3
FIRST_PAUSE = 0.1  # seconds, at most, before the second attempt; twice as long before the third
LONGEST = 5.0  # seconds of an attempt


def call(operation: str, **params: Any) -> dict[str, Any]:
    """Makes a call in the terms of the API, with attributes as {"S": "text"}, and tries it again.

    Raises what boto3 raises, or Temporary for an answer that is none.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return wire.call(aws.dynamodb(), operation, params, LONGEST)
        except (ClientError, BotoCoreError, Temporary) as error:
            if not isinstance(classify(error), Temporary):
                raise
        time.sleep(random.random() * FIRST_PAUSE * 2 ** (attempt - 1))
    return wire.call(aws.dynamodb(), operation, params, LONGEST)
