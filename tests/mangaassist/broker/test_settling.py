"""Deleting what is finished, while SQS fails."""

from __future__ import annotations

import logging

import pytest

from local.fault_proxy import Fault, FaultProxy
from mangaassist.broker.settling import Settler
from tests.mangaassist.broker.conftest import Publish, StartWorker, WorkQueue


def test_a_delete_is_repeated_until_sqs_takes_it(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(Fault.UNAVAILABLE, operation="DeleteMessageBatch")
    publish("note", "a")
    worker = start_worker(queue)
    worker.wait_for("DeleteMessageBatch of 1 messages")
    fault_proxy.heal()
    worker.terminate()
    assert (worker.exit_code(), queue.counts()) == (0, (0, 0))


def test_a_worker_that_may_not_delete_stops_loudly(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(Fault.DENIED, operation="DeleteMessageBatch")
    publish("note", "a")
    worker = start_worker(queue)
    line = worker.wait_for("The worker stops")
    assert ("CRITICAL" in line, "AccessDenied" in line, worker.exit_code()) == (True, True, 78)


def test_a_shutdown_does_not_wait_for_ever_for_a_silent_sqs(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(Fault.HANG, operation="DeleteMessageBatch")
    publish("note", "a")
    worker = start_worker(queue)
    queue.next("done")
    worker.terminate()
    worker.wait_for("1 messages are not deleted")
    assert worker.exit_code() == 0


def test_a_stale_receipt_is_forgotten(
    queue: WorkQueue, through_proxy: None, caplog: pytest.LogCaptureFixture
) -> None:
    settler = Settler(queue.queue.name, visibility=5)
    settler.delete("nobody-knows-this-receipt")
    with caplog.at_level(logging.INFO, "mangaassist"):
        settler.drain(timeout=10)
    assert caplog.messages == []
