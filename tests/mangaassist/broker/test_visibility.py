"""A message stays hidden from others for as long as its worker lives."""

from __future__ import annotations

from tests.mangaassist.broker.conftest import MakeQueue, Publish, StartWorker

SHORT = 2  # seconds of visibility timeout
LONGER = 4  # seconds; without a heartbeat the message would be visible long before


def test_messages_of_running_and_waiting_tasks_stay_hidden(
    make_queue: MakeQueue, publish_to: Publish, start_worker: StartWorker
) -> None:
    queue = make_queue(visibility_timeout=SHORT)
    publish_to(queue, "wait", "running", "waiting")
    start_worker(queue, concurrency=1, prefetch_multiplier=2)
    queue.next("started")
    assert queue.visible(LONGER) is None


def test_a_message_stays_hidden_while_a_shutdown_waits_for_its_task(
    make_queue: MakeQueue, publish_to: Publish, start_worker: StartWorker
) -> None:
    queue = make_queue(visibility_timeout=SHORT)
    publish_to(queue, "wait", "running")
    worker = start_worker(queue, concurrency=1)
    queue.next("started")
    worker.terminate()
    assert queue.visible(LONGER) is None


def test_the_message_of_a_killed_worker_comes_back(
    make_queue: MakeQueue, publish_to: Publish, start_worker: StartWorker
) -> None:
    queue = make_queue(visibility_timeout=SHORT)
    publish_to(queue, "wait", "running")
    worker = start_worker(queue, concurrency=1)
    queue.next("started")
    worker.kill()
    assert queue.visible(LONGER)
