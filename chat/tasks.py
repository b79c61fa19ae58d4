"""The Celery entry points of the chat; messages carry ids alone."""

from __future__ import annotations

from typing import ClassVar

import structlog

from chat import later, reviews, summaries
from mangaassist import blocking, pausing
from mangaassist.celery import Task, app
from mangaassist.errors import Failure, Misconfigured
from mangaassist.pools import DEFERRED, MODERATION, WorkerPool

log = structlog.get_logger(__name__)


class MessageTask(Task):
    """A task about one message of a session; a misconfiguration marks its pool until one ends well.

    The work itself stays: what is owed to a shopper is found again by the keeper.
    """

    abstract = True
    arguments: ClassVar = ("session", "message_id")
    pool: ClassVar[WorkerPool] = DEFERRED

    def settle(self, failure: Failure, session: str, message_id: str) -> None:
        if isinstance(failure, Misconfigured):
            blocking.block(self.pool.name, failure)


class AnswerTask(MessageTask):
    """Answers; a failure lets the keeper ask again, or ends it for good."""

    abstract = True

    def settle(self, failure: Failure, session: str, message_id: str) -> None:
        super().settle(failure, session, message_id)
        later.settle(session, message_id, failure)


class ReviewTask(MessageTask):
    """Reviews; after a failure the keeper asks again."""

    abstract = True
    pool = MODERATION

    def settle(self, failure: Failure, session: str, message_id: str) -> None:
        super().settle(failure, session, message_id)
        reviews.settle(session, message_id)


@app.task(base=AnswerTask, name="deferred_answer")
def deferred_answer(session: str, message_id: str) -> None:
    """Answers what the web process could not answer in time."""
    later.answer(session, message_id)
    blocking.unblock(DEFERRED.name)


@app.task(base=MessageTask, name="summarise")
def summarise(session: str, message_id: str) -> None:
    """Summarises a session up to the answer to a message; if it fails, the next one is longer."""
    summaries.summarise(session, message_id)
    blocking.unblock(DEFERRED.name)


@app.task(base=ReviewTask, name="review")
def review(session: str, message_id: str) -> None:
    """Looks at a finished answer once more; it stays owed while the pool is paused."""
    if pausing.is_paused(MODERATION.name):
        log.info("pool_is_paused", pool=MODERATION.name)
        return
    reviews.review(session, message_id)
    blocking.unblock(MODERATION.name)
