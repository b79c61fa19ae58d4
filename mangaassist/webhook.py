"""Posts JSON to the configured webhook, signed so that its receiver knows who sent it and when."""

from __future__ import annotations

import hmac
import json
import time
from collections.abc import Mapping
from typing import Any

import urllib3
from django.conf import settings

TIMESTAMP = "X-MangaAssist-Timestamp"  # seconds since 1970
SIGNATURE = "X-MangaAssist-Signature"  # sha256=HMAC-SHA256 of timestamp, a dot and the body, in hex

_http = urllib3.PoolManager(retries=False)


def post(document: Mapping[str, Any]) -> None:
    """Posts where a webhook is configured. Raises HTTPError when it refuses or is not there."""
    if not settings.NOTIFY_WEBHOOK_URL:
        return
    body = json.dumps(document, ensure_ascii=False).encode()
    answer = _http.request(
        "POST",
        settings.NOTIFY_WEBHOOK_URL,
        body=body,
        headers={
            "Content-Type": "application/json",
            **signature(body, settings.NOTIFY_WEBHOOK_SECRET, int(time.time())),
        },
        timeout=settings.NOTIFY_TIMEOUT,
        preload_content=False,
    )
    # Only the status counts; a body could be endless, or trickle below every timeout.
    answer.close()
    if answer.status >= 300:
        raise urllib3.exceptions.HTTPError(f"the webhook answered {answer.status}")


def signature(body: bytes, secret: str, timestamp: int) -> dict[str, str]:
    """The headers that prove a body; none without a secret."""
    if not secret:
        return {}
    signed = b"%d.%b" % (timestamp, body)
    digest = hmac.digest(secret.encode(), signed, "sha256").hex()
    return {TIMESTAMP: str(timestamp), SIGNATURE: f"sha256={digest}"}
