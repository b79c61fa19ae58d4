"""Calls of DynamoDB for rows."""

from __future__ import annotations

from typing import Any

from mangaassist import attempts, aws

LONGEST = 5.0  # seconds of an attempt
FIRST_PAUSE = 0.1  # seconds, at most, before the second one, for a shopper waits


def call(operation: str, **params: Any) -> dict[str, Any]:
    """Makes a call in the terms of the API, with attributes as {"S": "text"}, and tries it again.

    Raises what boto3 raises, or Temporary for an answer that is none.
    """
    return attempts.call(aws.dynamodb(), operation, params, LONGEST, FIRST_PAUSE)
