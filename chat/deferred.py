"""Hands work on answers to the workers, and never lets a request wait for that.

What could not be sent is not lost: the row of the exchange says what is owed, and `chat.keeping`
sends it when it is overdue. Only a summary is not owed; the next message sends another.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import structlog
from kombu.exceptions import OperationalError

from chat import owed, summaries
from chat.tasks import MessageTask, deferred_answer, review, summarise
from chat.turns import History, State, Turn
from mangaassist import metrics
from mangaassist.errors import Failure, explain

THREADS = 4
MOST_WAITING = 200  # sends that wait while SQS is slow; beyond, the keeper sends

_threads = ThreadPoolExecutor(THREADS, thread_name_prefix="hand-over")
_room = threading.BoundedSemaphore(MOST_WAITING)

log = structlog.get_logger(__name__)


def hand_over(session_id: str, answer: Turn, history: History) -> None:
    """Sends what an answer calls for, in the background: returns at once and never raises.

    answer: as `sessions.finish` returned it; history: before its question.
    """
    if answer.state is State.DEFERRED:
        metrics.WS_DEFERRED.record()
        _later(deferred_answer, session_id, answer.message_id)
    if answer.state in owed.REVIEWED:
        _later(review, session_id, answer.message_id)
        if summaries.due(answer, history):
            _later(summarise, session_id, answer.message_id)


def send(task: MessageTask, session_id: str, message_id: str) -> None:
    """Publishes a task in the session's group. Raises a Failure."""
    try:
        task.apply_async(  # type: ignore[call-arg]
            args=(session_id, message_id),
            queue=task.pool.queue.name,
            retry=False,
            MessageGroupId=session_id,
            MessageDeduplicationId=str(uuid.uuid4()),
        )
    except OperationalError as error:  # Celery's wrapping of what boto3 raised.
        cause = error.__cause__ if isinstance(error.__cause__, Exception) else error
        raise explain(cause, "sqs:SendMessage", f"queue {task.pool.queue.name}") from error


def _later(task: MessageTask, session_id: str, message_id: str) -> None:
    if not _room.acquire(blocking=False):
        metrics.WS_NOT_HANDED_OVER.record(Task=task.name, Code="full")
        return
    _threads.submit(_send, task, session_id, message_id)


def _send(task: MessageTask, session_id: str, message_id: str) -> None:
    try:
        send(task, session_id, message_id)
    except Failure as failure:
        metrics.WS_NOT_HANDED_OVER.record(Task=task.name, Code=failure.code)
        log.warning("not_handed_over", task=task.name, code=failure.code, cause=failure.message)
    finally:
        _room.release()
