"""Celery on SQS FIFO queues: transport, worker parts and settings."""

from __future__ import annotations

from mangaassist.broker.health import Health, state

__all__ = ["Health", "state"]
