"""Celery's transport options for the hardened SQS transport."""

from __future__ import annotations

from typing import Any


def options() -> dict[str, Any]:
    return {"wait_time_seconds": 10, "polling_interval": 0.1}
