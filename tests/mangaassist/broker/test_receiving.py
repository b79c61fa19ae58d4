"""What a worker does while SQS fails, and after."""

from __future__ import annotations

import dataclasses
import time
from queue import SimpleQueue

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.fault_proxy import Fault, FaultProxy
from mangaassist import metrics
from mangaassist.broker.envelope import RawMessage, age
from mangaassist.broker.options import Options
from mangaassist.broker.receiving import LONGEST_PAUSE, Receiver, pause_after
from mangaassist.broker.window import Window
from mangaassist.metrics.registry import registry
from tests.mangaassist.broker.conftest import Publish, StartWorker, WorkQueue
from tests.mangaassist.broker.worker import LONGEST_WAIT


@pytest.mark.parametrize("fault", list(Fault))
def test_a_worker_survives(
    fault: Fault,
    queue: WorkQueue,
    publish: Publish,
    start_worker: StartWorker,
    fault_proxy: FaultProxy,
) -> None:
    worker = start_worker(queue)
    fault_proxy.fail(fault)
    worker.wait_for("failed 1 times in a row")
    fault_proxy.heal()
    publish("note", "after")
    assert (queue.next("done"), "Traceback" in worker.output) == ("after", False)


@pytest.mark.parametrize(
    ("fault", "level"), [(Fault.DENIED, "CRITICAL"), (Fault.UNAVAILABLE, "ERROR")]
)
def test_a_failure_is_logged_by_how_bad_it_is(
    fault: Fault,
    level: str,
    queue: WorkQueue,
    start_worker: StartWorker,
    fault_proxy: FaultProxy,
) -> None:
    fault_proxy.fail(fault, operation="ReceiveMessage")
    assert level in start_worker(queue).wait_for("failed 1 times in a row")


def test_a_worker_starts_while_sqs_is_away(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker, fault_proxy: FaultProxy
) -> None:
    publish("note", "early")
    fault_proxy.fail(Fault.REFUSE)
    worker = start_worker(queue)
    worker.wait_for("failed 1 times in a row")
    fault_proxy.heal()
    assert queue.next("done") == "early"


def test_a_missing_queue_stops_the_worker_loudly(
    queue: WorkQueue, start_worker: StartWorker
) -> None:
    nowhere = dataclasses.replace(queue.queue, name="nowhere.fifo")
    worker = start_worker(dataclasses.replace(queue, queue=nowhere))
    assert "CRITICAL" in worker.wait_for("The queue nowhere.fifo does not exist.")
    assert worker.exit_code() == 78


def test_the_age_of_a_message_is_measured_when_it_arrives(
    queue: WorkQueue, publish: Publish
) -> None:
    arrived: SimpleQueue[list[RawMessage]] = SimpleQueue()
    receiver = Receiver(queue.queue.name, Window(None, 10), arrived.put, Options())
    before = time.time()
    publish("note", "a")
    registry.take()
    receiver.start()
    arrived.get(timeout=LONGEST_WAIT)
    taken = [one for one in registry.take() if one.metric is metrics.MESSAGE_AGE]
    receiver.stop()
    publish("note", "b")  # ends the open poll
    receiver.join()
    [measured] = taken
    assert measured.dimensions == (("Queue", queue.queue.name),)
    assert [0 <= value <= time.time() - before for value in measured.values] == [True]


@pytest.mark.parametrize(("now", "seconds"), [(1_002.5, 1.5), (1_000.0, 0.0)])
def test_a_message_is_as_old_as_its_send(now: float, seconds: float) -> None:
    assert age({"Attributes": {"SentTimestamp": "1001000"}}, now) == seconds


@given(st.integers(min_value=1, max_value=10_000))
def test_a_pause_is_between_a_quarter_and_sixteen_seconds(failures: int) -> None:
    assert 0.25 <= pause_after(failures) <= LONGEST_PAUSE


def test_pauses_grow() -> None:
    assert pause_after(1) <= pause_after(3) <= pause_after(5) <= pause_after(7)
