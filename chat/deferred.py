"""Hands work on answers to the workers, and never lets a request wait for that.

What could not be sent is not lost: the row of the exchange says what is owed, and `chat.keeping`
sends it when it is overdue. Only a summary is not owed; the next message sends another.
"""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor

import structlog

from chat import owed, summaries
from chat.tasks import MessageTask, deferred_answer, review, summarise
from chat.turns import History, State, Turn
from mangaassist import celery, metrics
from mangaassist.celery import Message
from mangaassist.errors import classify

MOST_WAITING = 200  # messages that wait while SQS is slow; beyond, the keeper sends
GATHERING = 1.0  # seconds in which messages gather, to go together

_waiting: list[Message] = []
_turn = threading.Lock()
_room = threading.BoundedSemaphore(MOST_WAITING)
_thread = ThreadPoolExecutor(1, thread_name_prefix="hand-over")

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


def all_gone() -> Future[None]:
    """Done when whatever waits now has been sent, or is left to the keeper."""
    return _thread.submit(_send_waiting)


def send(task: MessageTask, session_id: str, message_id: str) -> None:
    """Publishes a task in the session's group. Raises a Failure."""
    one = _message(task, session_id, message_id)
    celery.hand_over(task, one.queue, one.group, one.identity, *one.args)


def _message(task: MessageTask, session_id: str, message_id: str) -> Message:
    identity = str(uuid.uuid4())
    return Message(task, task.pool.queue, session_id, identity, (session_id, message_id))


def _later(task: MessageTask, session_id: str, message_id: str) -> None:
    if not _room.acquire(blocking=False):
        metrics.WS_NOT_HANDED_OVER.record(Task=task.name, Code="full")
        return
    with _turn:
        _waiting.append(_message(task, session_id, message_id))
        is_first = len(_waiting) == 1
    if is_first:  # The others go with it.
        _thread.submit(_send_soon)


def _send_soon() -> None:
    time.sleep(GATHERING)
    _send_waiting()


def _send_waiting() -> None:
    """Sends all that waits."""
    with _turn:
        gone = {one.identity: one for one in _waiting}
        _waiting.clear()
    if not gone:
        return
    try:
        failed = celery.hand_over_all(gone.values())
    except Exception as error:  # noqa: BLE001 - whatever it is, it is counted for each of them
        failed = dict.fromkeys(gone, classify(error))
    for identity, failure in failed.items():
        task = gone[identity].task.name
        metrics.WS_NOT_HANDED_OVER.record(Task=task, Code=failure.code)
        log.warning("not_handed_over", task=task, code=failure.code, cause=failure.message)
    _room.release(len(gone))
