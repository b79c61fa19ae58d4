"""The Celery app on SQS FIFO, and the base of every task."""

from __future__ import annotations

import contextvars
import time
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import celery
import structlog
from celery import signals
from django.conf import settings
from django.db import close_old_connections
from kombu.exceptions import OperationalError

from mangaassist import activity, metrics
from mangaassist.activity import tally
from mangaassist.broker.options import configure
from mangaassist.broker.sending import call_entry, send_all
from mangaassist.errors import Failure, Throttled, classify, explain
from mangaassist.presence import Presence
from mangaassist.resources import Queue

log = structlog.get_logger(__name__)


class Task(celery.Task):  # type: ignore[type-arg]
    """What every task has: ids in its logs, a duration, counters, and a decision for every failure.

    A subclass names its arguments for the logs and says in `settle` what a failure means for its
    work. A failure of `settle` itself leaves the message unacknowledged: SQS delivers it again.
    """

    abstract = True
    arguments: ClassVar[tuple[str, ...]] = ()

    def settle(self, failure: Failure, *args: Any) -> None:
        raise NotImplementedError

    def __call__(self, *args: Any) -> None:
        # In a context of its own, so that ids which a task binds for the logs end with it.
        contextvars.copy_context().run(self._carry_out, *args)

    def _carry_out(self, *args: Any) -> None:
        started = time.monotonic()
        with structlog.contextvars.bound_contextvars(
            task=self.name, task_id=self.request.id, **dict(zip(self.arguments, args, strict=False))
        ):
            try:
                self.run(*args)
            except Exception as error:
                failure = classify(error)
                if isinstance(failure, Throttled):  # Thousands may come at once, and all is well.
                    log.warning("task_throttled", code=failure.code, cause=failure.message)
                else:
                    log.exception("task_failed", code=failure.code, kind=type(failure).__name__)
                metrics.TASK_FAILURES.record(Pool=activity.pool, Code=failure.code)
                self.settle(failure, *args)
                tally.add(failed=True)
            else:
                tally.add(failed=False)
            finally:
                close_old_connections()
            seconds = time.monotonic() - started
            metrics.TASK_DURATION.record(seconds * 1_000, Pool=activity.pool)
            log.debug("task_finished", seconds=round(seconds, 3))


def hand_over(task: celery.Task, queue: Queue, group: str, identity: str, *args: Any) -> None:  # type: ignore[type-arg]
    """Sends one message of a task. Raises the Failure when SQS does not take it.

    identity: unlike that of any message of the queue in the last five minutes; logs of the worker
    have it as the task's id.
    """
    try:
        task.apply_async(
            args=args,
            task_id=identity,
            queue=queue.name,
            retry=False,
            MessageGroupId=group,  # type: ignore[call-arg]
            MessageDeduplicationId=identity,
        )
    except OperationalError as error:  # Celery's wrapping of what boto3 raised.
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise explain(cause, "sqs:SendMessage", f"queue {queue.name}") from error


@dataclass(frozen=True)
class Message:
    """One call of a task. group, identity: as `hand_over` takes them."""

    task: celery.Task  # type: ignore[type-arg]
    queue: Queue
    group: str
    identity: str
    args: tuple[Any, ...]


def hand_over_all(messages: Iterable[Message]) -> dict[str, Failure]:
    """Sends messages in batches; returns by identity what SQS did not take, and why."""
    waiting = defaultdict(list)
    for one in messages:
        entry = call_entry(one.task.name, one.args, one.group, one.identity)
        waiting[one.queue.name].append(entry)
    return send_all(waiting)


app = celery.Celery("mangaassist", task_cls=Task)
app.conf.worker_prefetch_multiplier = 1  # A worker has spare threads, which is prefetch enough.
configure(app, wait_time_seconds=settings.POLL_SECONDS)
app.autodiscover_tasks()
app.steps["consumer"].add(Presence)


@signals.setup_logging.connect
def keep_django_logging(**_: Any) -> None:
    """Celery would replace the JSON logs by its own; a receiver of this signal stops it."""
