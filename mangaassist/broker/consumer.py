"""Celery's consumer, which keeps what it cannot decode instead of deleting it."""

from __future__ import annotations

import logging

from celery.worker.consumer import consumer
from kombu.message import Message

logger = logging.getLogger(__name__)


class Consumer(consumer.Consumer):
    """What `worker_consumer` names."""

    def on_decode_error(self, message: Message, exc: Exception) -> None:
        """Sends the message on its way to the dead letters."""
        logger.error("A message of type %r cannot be decoded: %s", message.content_type, exc)
        message.reject()
