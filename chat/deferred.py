"""Hands work on answers to the workers, and never lets a request wait for that.

What could not be sent is not lost: the row of the exchange says what is owed, and `chat.keeping`
sends it when it is overdue. Only a summary is not owed; the next message sends another.
"""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor

import structlog

from chat import owed, summaries
from chat.tasks import MessageTask, deferred_answer, review, summarise
from chat.turns import History, State, Turn
from mangaassist import celery, metrics
from mangaassist.errors import Failure

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
    identity = str(uuid.uuid4())
    celery.hand_over(task, task.pool.queue, session_id, identity, session_id, message_id)


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
