"""What an HTTP answer of AWS says, where boto3 does not read it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

REQUEST_ID = "x-amzn-requestid"  # a header


def error_of(
    operation: str, status: int, content: bytes, headers: Mapping[str, str] | None = None
) -> ClientError:
    """What boto3 would raise for an answer that is no success.

    headers: with names in any case if the mapping minds none. All that the answer holds is in the
    error's response.
    """
    told, headers = json_object(content) or {}, headers or {}
    code = headers.get("x-amzn-errortype") or told.get("__type") or str(status)
    message = told.get("message") or told.get("Message") or f"HTTP {status}"
    name = str(code).partition(":")[0].rpartition("#")[2]
    response: Any = told | {
        "Error": {"Code": name, "Message": str(message)},
        "ResponseMetadata": {"RequestId": headers.get(REQUEST_ID, "")},
    }
    return ClientError(response, operation)


def json_object(content: bytes) -> dict[str, Any] | None:
    """None for anything else, such as the page of a load balancer."""
    try:
        told = json.loads(content)
    except ValueError:
        return None
    return told if isinstance(told, dict) else None
