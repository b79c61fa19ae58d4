"""A queue of its own for each test, a fault proxy before SQS, and workers that go through it."""

from __future__ import annotations

import json
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import boto3
import celery
import pytest
import redis

from local.fault_proxy import FaultProxy
from mangaassist import aws
from mangaassist.broker.options import configure
from mangaassist.broker.sending import call_entry, send_all
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure
from mangaassist.resources import Queue
from tests.mangaassist.broker.worker import LONGEST_WAIT, Worker
from tests.stack import Stack

if TYPE_CHECKING:
    from mypy_boto3_sqs import SQSClient
    from mypy_boto3_sqs.literals import QueueAttributeNameType
    from mypy_boto3_sqs.type_defs import MessageTypeDef

# Short, so that failures and redeliveries need not be waited for.
OPTIONS = {"wait_time_seconds": 1, "margin_seconds": 2.0}
VISIBILITY_TIMEOUT = 30  # seconds; a test about it makes a queue of its own

StartWorker = Callable[..., Worker]
MakeQueue = Callable[..., "WorkQueue"]
Publish = Callable[..., dict[str, Failure]]
TASKS = "tests.mangaassist.broker.app"


@dataclass(frozen=True)
class WorkQueue:
    """A queue with its dead letters, asked without the proxy, and what tasks noted about it."""

    queue: Queue
    sqs: SQSClient
    valkey: redis.Redis

    @property
    def url(self) -> str:
        return self.sqs.get_queue_url(QueueName=self.queue.name)["QueueUrl"]

    def send(self, body: str) -> None:
        """Sends any text as a message of a group of its own."""
        identity = uuid.uuid4().hex
        self.sqs.send_message(
            QueueUrl=self.url,
            MessageBody=body,
            MessageGroupId=identity,
            MessageDeduplicationId=identity,
        )

    def counts(self) -> tuple[int, int]:
        """How many messages wait and how many are hidden."""
        names: list[QueueAttributeNameType] = [
            "ApproximateNumberOfMessages",
            "ApproximateNumberOfMessagesNotVisible",
        ]
        found = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=names)["Attributes"]
        return int(found[names[0]]), int(found[names[1]])

    def visible(self, seconds: int) -> MessageTypeDef | None:
        """Waits until a message can be received and receives it; None after so many seconds."""
        return self._receive(self.queue.name, seconds)

    def dead_letter(self) -> str:
        """Waits for a dead letter and returns its body."""
        found = self._receive(self.queue.dead_letters, 20)
        assert found, "No dead letter came."
        return found["Body"]

    def _receive(self, name: str, seconds: int) -> MessageTypeDef | None:
        url = self.sqs.get_queue_url(QueueName=name)["QueueUrl"]
        found = self.sqs.receive_message(
            QueueUrl=url,
            WaitTimeSeconds=seconds,
            MessageSystemAttributeNames=["ApproximateReceiveCount"],
        )
        return next(iter(found.get("Messages", ())), None)

    def next(self, what: str) -> str:
        """Waits until a task has noted that it `started` or is `done`, and returns its item."""
        noted: Any = self.valkey.blpop([f"{self.queue.name}:{what}"], timeout=LONGEST_WAIT)
        assert noted, f"No task was {what}."
        return str(noted[1])

    def take(self, what: str, count: int) -> list[str]:
        """The items of the next `count` notes, sorted."""
        return sorted(self.next(what) for _ in range(count))

    def noted(self, what: str) -> list[str]:
        """All notes that nobody has taken."""
        items: Any = self.valkey.lrange(f"{self.queue.name}:{what}", 0, -1)
        return list(items)

    def open_gate(self, count: int) -> None:
        """Lets so many waiting tasks end."""
        self.valkey.rpush(f"{self.queue.name}:gate", *["go"] * count)


@pytest.fixture(scope="session")
def valkey(stack: Stack) -> Iterator[redis.Redis]:
    url = stack.common["REDIS_URL"]
    with redis.Redis.from_url(url, decode_responses=True, socket_timeout=None) as valkey:
        yield valkey


@pytest.fixture(scope="session")
def direct_sqs(stack: Stack) -> SQSClient:
    """SQS without the proxy."""
    return boto3.client("sqs", endpoint_url=stack.common["AWS_ENDPOINT_URL"])


@pytest.fixture
def make_queue(direct_sqs: SQSClient, valkey: redis.Redis) -> Iterator[MakeQueue]:
    """Makes a queue with dead letters; both are deleted after the test."""
    urls: list[str] = []

    def create(name: str, attributes: dict[QueueAttributeNameType, str]) -> str:
        made = direct_sqs.create_queue(
            QueueName=name, Attributes={"FifoQueue": "true", **attributes}
        )
        urls.append(made["QueueUrl"])
        return made["QueueUrl"]

    def make(visibility_timeout: int = VISIBILITY_TIMEOUT, max_receives: int = 2) -> WorkQueue:
        name = f"work-{uuid.uuid4().hex[:12]}"
        queue = Queue(f"{name}.fifo", f"{name}-dead.fifo", visibility_timeout, max_receives)
        dead = create(queue.dead_letters, {})
        arn = direct_sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": max_receives,
        }
        timeout = str(visibility_timeout)
        create(queue.name, {"VisibilityTimeout": timeout, "RedrivePolicy": json.dumps(redrive)})
        return WorkQueue(queue, direct_sqs, valkey)

    yield make
    for url in urls:
        direct_sqs.delete_queue(QueueUrl=url)


@pytest.fixture
def queue(make_queue: MakeQueue) -> WorkQueue:
    return make_queue()


@pytest.fixture
def fault_proxy(stack: Stack) -> Iterator[FaultProxy]:
    """Stands before MiniStack."""
    with FaultProxy(stack.ports["ministack"]) as proxy:
        yield proxy


@pytest.fixture
def start_worker(fault_proxy: FaultProxy) -> Iterator[StartWorker]:
    """Starts workers behind the proxy and waits until they poll; all are killed after the test."""
    workers: list[Worker] = []

    def start(
        queue: WorkQueue,
        concurrency: int = 2,
        prefetch_multiplier: int = 2,
        ready: str = "ready.",
        **options: Any,
    ) -> Worker:
        spec = {
            "queue": asdict(queue.queue),
            "options": OPTIONS | options,
            "prefetch_multiplier": prefetch_multiplier,
        }
        environment = {
            **os.environ,
            "AWS_ENDPOINT_URL_SQS": fault_proxy.url,
            "BROKER_TEST": json.dumps(spec),
        }
        workers.append(Worker(environment, concurrency))
        workers[-1].wait_for(ready)
        return workers[-1]

    yield start
    for worker in workers:
        worker.kill()


@pytest.fixture
def through_proxy(fault_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """This process's own SQS client goes through the proxy."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", fault_proxy.url)
    forget_clients()
    yield
    monkeypatch.undo()
    forget_clients()


def forget_clients() -> None:
    aws.sqs.cache_clear()
    queue_url.cache_clear()


@pytest.fixture
def app(queue: WorkQueue, through_proxy: None) -> Iterator[celery.Celery]:
    """Publishes to the queue of the test, as Celery does."""
    with celery.Celery("broker-tests", set_as_current=False, fixups=[]) as app:
        configure(app, [queue.queue])
        yield app


@pytest.fixture
def publish_to(through_proxy: None) -> Publish:
    """Sends calls of the test app's tasks at once, each item in a group of its own.

    What it returns are the failures.
    """

    def publish(queue: WorkQueue, task: str, *items: str) -> dict[str, Failure]:
        entries = [call_entry(f"{TASKS}.{task}", (item,), item, f"{item}:1") for item in items]
        return send_all({queue.queue.name: entries})

    return publish


@pytest.fixture
def publish(publish_to: Publish, queue: WorkQueue) -> Publish:
    """The same, to the queue of the test."""
    return partial(publish_to, queue)
