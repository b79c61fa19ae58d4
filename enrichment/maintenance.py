"""Hands work of enrichment to the maintenance pool."""

from __future__ import annotations

from typing import Any

from kombu.exceptions import OperationalError

from mangaassist.celery import Task
from mangaassist.errors import explain
from mangaassist.pools import MAINTENANCE


def send(task: Task, key: str, *arguments: Any) -> None:
    """Sends one message. Raises the Failure when SQS does not take it.

    key: unlike that of any message before. It is the group too, since the group of a dead worker's
    message stays blocked.
    """
    try:
        task.apply_async(
            args=arguments,
            queue=MAINTENANCE.queue.name,
            retry=False,
            MessageGroupId=key,  # type: ignore[call-arg]
            MessageDeduplicationId=key,
        )
    except OperationalError as error:  # Celery's wrapping of what boto3 raised.
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise explain(cause, "sqs:SendMessage", f"queue {MAINTENANCE.queue.name}") from error
