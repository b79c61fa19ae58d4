"""Celery's thread pool, which gives back the messages of tasks that will not start."""

from __future__ import annotations

from concurrent.futures import Future
from functools import partial
from typing import Any

from celery.concurrency import thread
from celery.worker.request import Request


class TaskPool(thread.TaskPool):
    """At a warm shutdown the running tasks finish, and the others need not wait for that."""

    def on_apply(
        self,
        target: Any,
        args: tuple[Any, ...] | None = None,
        kwargs: dict[str, Any] | None = None,
        callback: Any = None,
        accept_callback: Any = None,
        **options: Any,
    ) -> Any:
        result = super().on_apply(target, args, kwargs, callback, accept_callback, **options)
        # The callback is a method of the request, which knows its message.
        result.f.add_done_callback(partial(_give_back, callback.__self__))
        return result


def _give_back(request: Request, future: Future[Any]) -> None:
    if future.cancelled():
        request.reject(requeue=True)
