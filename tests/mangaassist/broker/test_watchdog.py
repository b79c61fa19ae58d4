"""The watchdog ends a worker without SQS, and no other."""

from __future__ import annotations

import pytest

from local.fault_proxy import Fault, FaultProxy
from tests.mangaassist.broker.conftest import Publish, StartWorker, WorkQueue

LIMIT = 3.0  # seconds
LONGER = 5  # seconds


@pytest.mark.parametrize("fault", [Fault.REFUSE, Fault.HANG])
def test_a_worker_without_sqs_exits_to_be_started_again(
    fault: Fault, queue: WorkQueue, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    worker = start_worker(queue, watchdog_seconds=LIMIT)
    fault_proxy.fail(fault)
    assert "CRITICAL" in worker.wait_for("No answer from SQS")
    assert worker.exit_code() == 75


def test_an_idle_worker_lives_on(queue: WorkQueue, start_worker: StartWorker) -> None:
    worker = start_worker(queue, watchdog_seconds=LIMIT)
    queue.valkey.blpop(["nothing"], timeout=LONGER)
    assert worker.is_alive, worker.output


def test_a_worker_with_a_full_window_lives_on(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    publish("wait", "a")
    worker = start_worker(queue, concurrency=1, prefetch_multiplier=1, watchdog_seconds=LIMIT)
    queue.next("started")
    queue.valkey.blpop(["nothing"], timeout=LONGER)
    assert worker.is_alive, worker.output
