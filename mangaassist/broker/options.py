"""Celery's settings for this transport."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

import celery
import kombu

from mangaassist.resources import QUEUES, Queue

STEPS = (
    "mangaassist.broker.visibility:VisibilityHeartbeat",
    "mangaassist.broker.watchdog:Watchdog",
)


@dataclass(frozen=True)
class Options:
    """`broker_transport_options`, typed."""

    visibility_timeouts: dict[str, int] = field(default_factory=dict)  # queue name → seconds
    wait_time_seconds: int = 2  # of a long poll, which a worker that is asked to stop still ends
    margin_seconds: float = 10.0  # how late the answer to a long poll may be
    watchdog_seconds: float = 90.0  # without a good receive until the worker gives up

    @classmethod
    def read(cls, transport_options: dict[str, Any]) -> Options:
        """Picks its own out of what kombu passes on, which adds its retry policy."""
        known = transport_options.keys() & cls.__annotations__.keys()
        return cls(**{name: transport_options[name] for name in known})


def options(queues: Iterable[Queue] = QUEUES, **changes: Any) -> dict[str, Any]:
    """The value of `broker_transport_options`; `changes` are fields of Options."""
    timeouts = {queue.name: queue.visibility_timeout for queue in queues}
    return asdict(Options(visibility_timeouts=timeouts, **changes))


def settings(queues: Iterable[Queue] = QUEUES, **changes: Any) -> dict[str, Any]:
    """Everything Celery must be told to work with this transport."""
    queues = tuple(queues)
    return {
        "broker_url": "sqs://",
        "broker_transport": "mangaassist.broker.transport:Transport",
        "broker_transport_options": options(queues, **changes),
        "broker_connection_retry_on_startup": True,
        "task_queues": [
            kombu.Queue(queue.name, kombu.Exchange(""), routing_key=queue.name) for queue in queues
        ],
        "task_default_queue": queues[0].name,
        "task_create_missing_queues": False,
        "task_serializer": "json",
        "accept_content": ["json"],
        # A message is deleted when its task has ended well, and otherwise becomes a dead letter.
        "task_acks_late": True,
        "task_acks_on_failure": False,
        "task_acks_on_timeout": False,
        "task_reject_on_worker_lost": True,
        "task_ignore_result": True,
        "worker_pool": "mangaassist.broker.pool:TaskPool",
        "worker_consumer": "mangaassist.broker.consumer:Consumer",
        "worker_enable_remote_control": False,
        "worker_send_task_events": False,
        "worker_cancel_long_running_tasks_on_connection_loss": False,
    }


def configure(app: celery.Celery[Any], queues: Iterable[Queue] = QUEUES, **changes: Any) -> None:
    """Sets an app up for this transport; the worker must be started without `--pool`."""
    app.conf.update(settings(queues, **changes))
    app.steps["consumer"].update(STEPS)
