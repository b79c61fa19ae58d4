"""A worker on a queue: tasks run, messages are deleted, shutdown leaves nothing behind."""

from __future__ import annotations

from tests.mangaassist.broker.conftest import Publish, StartWorker, WorkQueue


def test_every_task_runs_once(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    items = [f"item-{number:02}" for number in range(25)]
    publish("note", *items)
    start_worker(queue)
    assert queue.take("done", 25) == items
