"""Workers of the chat are killed in the middle of their work; others do it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest

from chat import sessions
from chat.deferred import send
from chat.tasks import deferred_answer, review
from chat.turns import Answer, State, Turn
from local.fault_proxy import Fault, FaultProxy
from mangaassist import aws
from mangaassist.broker.urls import queue_url
from mangaassist.models import WorkerBeat
from mangaassist.resources import DEFERRED_QUEUE, MODERATION_QUEUE, Queue
from tests.chat.conftest import converse
from tests.processes import ROOT, database_url, wait
from tests.simulator import Simulator
from tests.stack import Stack

POOLS = ("deferred", "moderation")

Workers = list[subprocess.Popen[bytes]]


def hide(queue: Queue, seconds: int) -> None:
    """For so long a queue hides what it delivers from now on."""
    aws.sqs().set_queue_attributes(
        QueueUrl=queue_url(queue.name), Attributes={"VisibilityTimeout": str(seconds)}
    )


def beats(worker: subprocess.Popen[bytes]) -> bool:
    return WorkerBeat.objects.filter(worker__endswith=f":{worker.pid}").exists()


def last(session: str) -> Turn:
    return sessions.history(session).turns[-1]


@pytest.fixture
def proxy(stack: Stack) -> Iterator[FaultProxy]:
    """Stands between the workers and DynamoDB."""
    with FaultProxy(stack.ports["ministack"]) as proxy:
        yield proxy


@pytest.fixture
def start(empty_queues: None, proxy: FaultProxy) -> Iterator[Callable[[], Workers]]:
    """Starts a worker of each pool and waits for their beats."""
    started: Workers = []

    def start() -> Workers:
        environment = os.environ | {
            "DATABASE_URL": database_url(),
            "AWS_ENDPOINT_URL_DYNAMODB": proxy.url,
        }
        for pool in POOLS:
            command = [sys.executable, "manage.py", "worker", pool, "--slots", "1"]
            started.append(subprocess.Popen(command, cwd=ROOT, env=environment))
        wait(lambda: all(map(beats, started[-len(POOLS) :])))
        return started[-len(POOLS) :]

    yield start
    for worker in started:
        worker.kill()
        worker.wait()


@pytest.mark.django_db(transaction=True)
def test_what_killed_workers_had_in_hand_is_answered_and_reviewed_by_others(
    start: Callable[[], Workers], proxy: FaultProxy, simulator: Simulator
) -> None:
    asked, answered = str(uuid4()), str(uuid4())
    converse(asked, Answer("", State.DEFERRED))
    converse(answered, Answer("カード番号は4111 1111 1111 1111です。", State.COMPLETE))
    victims = start()
    for queue, task in ((DEFERRED_QUEUE, deferred_answer), (MODERATION_QUEUE, review)):
        hide(queue, 3)
        before = proxy.calls["Query"]
        send(task, "nobody", "m1")  # It ends the poll that goes by the earlier time.
        wait(lambda seen=before: proxy.calls["Query"] > seen)  # type: ignore[misc]
    simulator.fault("hang")
    send(deferred_answer, asked, "m1")
    wait(lambda: simulator.stats()["active"] > 0)
    proxy.fail(Fault.HANG)
    calls = sum(proxy.calls.values())
    send(review, answered, "m1")
    wait(lambda: sum(proxy.calls.values()) > calls)
    for victim in victims:
        victim.kill()
    assert (last(asked).state, last(answered).state) == (State.DEFERRED, State.COMPLETE)
    for queue in (DEFERRED_QUEUE, MODERATION_QUEUE):
        hide(queue, queue.visibility_timeout)
    proxy.heal()
    simulator.faults()
    start()
    wait(lambda: (last(asked).state, last(answered).state) == (State.COMPLETE, State.WITHDRAWN))
    assert last(asked).text
