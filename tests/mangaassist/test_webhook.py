"""What a webhook gets, and how it knows that we sent it."""

from __future__ import annotations

import hashlib
import hmac
import time
from typing import Any

import pytest
from urllib3.exceptions import HTTPError

from local import ports
from mangaassist.webhook import SIGNATURE, TIMESTAMP, post
from tests.mangaassist.receiver import Webhook, webhook

__all__ = ["webhook"]

SECRET = "of both sides"


def verified(secret: str, timestamp: str, body: bytes, signature: str) -> bool:
    """As docs/operations.md tells receivers to do it."""
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    fresh = abs(time.time() - int(timestamp)) < 300
    return fresh and hmac.compare_digest(f"sha256={digest.hexdigest()}", signature)


def test_without_an_address_nothing_is_posted() -> None:
    post({"event": "test"})


def test_a_receiver_can_verify_who_posted_and_when(webhook: Webhook, settings: Any) -> None:
    settings.NOTIFY_WEBHOOK_SECRET = SECRET
    post({"event": "警報"})
    [(headers, body)] = webhook.received
    assert verified(SECRET, headers[TIMESTAMP], body, headers[SIGNATURE])
    assert not verified("another", headers[TIMESTAMP], body, headers[SIGNATURE])
    assert not verified(SECRET, headers[TIMESTAMP], body + b" ", headers[SIGNATURE])
    later = str(int(headers[TIMESTAMP]) + 1)
    assert not verified(SECRET, later, body, headers[SIGNATURE])


def test_without_a_secret_nothing_pretends_to_be_signed(webhook: Webhook) -> None:
    post({"event": "test"})
    [(headers, _)] = webhook.received
    assert (headers[TIMESTAMP], headers[SIGNATURE]) == (None, None)


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_refusal_is_a_failure(webhook: Webhook, status: int) -> None:
    webhook.status = status
    with pytest.raises(HTTPError, match=str(status)):
        post({"event": "test"})


def test_an_answer_that_never_ends_is_not_read(webhook: Webhook) -> None:
    webhook.endless = True
    post({"event": "test"})
    assert webhook.posted == [{"event": "test"}]


def test_a_webhook_that_is_not_there_is_a_failure(settings: Any) -> None:
    settings.NOTIFY_WEBHOOK_URL = f"http://127.0.0.1:{ports.free()}/hook"
    with pytest.raises(HTTPError):
        post({"event": "test"})
