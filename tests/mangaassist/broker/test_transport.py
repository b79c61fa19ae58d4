"""A worker on a queue: tasks run once, messages are deleted, a shutdown leaves nothing behind."""

from __future__ import annotations

import celery

from local.fault_proxy import FaultProxy
from tests.mangaassist.broker.conftest import TASKS, Publish, StartWorker, WorkQueue


def test_every_task_runs_once(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    items = [f"item-{number:02}" for number in range(25)]
    publish("note", *items)
    start_worker(queue)
    assert queue.take("done", 25) == items


def test_a_shutdown_leaves_no_finished_message(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    publish("note", *"abcdefghijkl")
    worker = start_worker(queue)
    queue.take("done", 12)
    worker.terminate()
    assert (worker.exit_code(), queue.counts()) == (0, (0, 0))


def test_messages_are_deleted_in_batches(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    publish("note", *"abcdefghijkl")
    worker = start_worker(queue, concurrency=12)
    queue.take("done", 12)
    worker.terminate()
    worker.exit_code()
    assert 0 < fault_proxy.calls["DeleteMessageBatch"] < 12


def test_a_shutdown_lets_running_tasks_end(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    publish("wait", "a", "b")
    worker = start_worker(queue, concurrency=2)
    queue.take("started", 2)
    worker.terminate()
    worker.wait_for("Warm shutdown")
    queue.open_gate(2)
    assert (worker.exit_code(), queue.take("done", 2), queue.counts()) == (0, ["a", "b"], (0, 0))


def test_a_shutdown_gives_waiting_tasks_back_while_others_still_run(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    publish("wait", "a", "b")
    worker = start_worker(queue, concurrency=1, prefetch_multiplier=2)
    queue.next("started")
    worker.terminate()
    assert queue.visible(20)
    assert worker.is_alive, worker.output


def test_a_message_that_the_last_poll_brings_is_given_back(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    worker = start_worker(queue, wait_time_seconds=3)
    worker.terminate()
    worker.wait_for("Warm shutdown")
    publish("note", "late")
    assert worker.exit_code() == 0
    late = queue.visible(1)
    assert late and not queue.noted("started"), (queue.counts(), worker.output)


def test_a_task_that_fails_becomes_a_dead_letter(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    publish("fail", "bad")
    start_worker(queue)
    assert "bad" in queue.dead_letter()


def test_a_single_message_is_sent_without_a_batch(
    queue: WorkQueue, app: celery.Celery, start_worker: StartWorker
) -> None:
    app.send_task(f"{TASKS}.note", ("alone",), MessageGroupId="a", MessageDeduplicationId="a:1")
    start_worker(queue)
    assert queue.next("done") == "alone"
