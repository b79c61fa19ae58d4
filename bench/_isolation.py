"""How fast titles are enriched while the queues of other pools are flooded."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import boto3

from bench._backlog import FAST, PERMITS
from bench._deployment import START_WITHIN, Deployment
from bench._figures import steady_rate
from bench._incident import PARALLEL, SLOTS
from local.product import PYTHON, ROOT
from mangaassist.pools import DEFERRED, MAINTENANCE, MODERATION, WorkerPool

OTHERS = (MODERATION, DEFERRED, MAINTENANCE)
# They share two cores here and have their own elsewhere, so they take what is left over.
LOWEST_PRIORITY = 19
LOW_PRIORITY = 10  # of the senders, who must stay ahead of those workers
FLOOD, AHEAD = 100_000, 1_000  # messages: more than are sent in time; and those that wait at first
VERY_FAST = 0.05  # seconds; while earlier jobs end
DRAINED_WITHIN = 300.0  # seconds
FLOODED_WITHIN = 120.0  # seconds
OPEN_JOBS = "SELECT count(*) FROM enrichment_job WHERE ended_at IS NULL"
BEATS = "SELECT count(DISTINCT pool) FROM mangaassist_workerbeat WHERE pool = ANY(%s)"


@dataclass(frozen=True)
class Flooded:
    """Titles per second while some pools were flooded; left: messages still waiting afterwards."""

    pools: str
    rate: float
    left: int


def measure(
    deployed: Deployment, titles: int, groups: Sequence[Sequence[WorkerPool]]
) -> Iterator[Flooded]:
    """First alone, then while each group of pools is flooded; titles: of each job."""
    deployed.bedrock.answer_in(VERY_FAST)
    deployed.start([SLOTS], PARALLEL)
    deployed.wait(lambda: not deployed.ask(OPEN_JOBS)[0][0], DRAINED_WITHIN)
    deployed.bedrock.answer_in(FAST)
    for pool in OTHERS:
        process = deployed.product.start(pool.name, pool.name)
        os.setpriority(os.PRIO_PROCESS, process.pid, LOWEST_PRIORITY)
    names = [pool.name for pool in OTHERS]
    deployed.wait(lambda: deployed.ask(BEATS, names)[0][0] == len(names), START_WITHIN)
    yield Flooded("", _rate(deployed, titles), 0)
    for pools in groups:
        with _flooded(deployed, pools) as queues:
            rate = _rate(deployed, titles)
            left = min(queues.depth(pool) for pool in pools)
        yield Flooded(", ".join(pool.name for pool in pools), rate, left)


class Queues:
    """The queue server, as its owner sees it."""

    def __init__(self, deployed: Deployment) -> None:
        keys = deployed.published["admin"]
        self._sqs = boto3.client(
            "sqs",
            region_name=deployed.published["common"]["AWS_REGION"],
            endpoint_url=deployed.published["common"]["AWS_ENDPOINT_URL"],
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
        )

    def depth(self, pool: WorkerPool) -> int:
        """Messages that wait."""
        found = self._sqs.get_queue_attributes(
            QueueUrl=self._url(pool), AttributeNames=["ApproximateNumberOfMessages"]
        )
        return int(found["Attributes"]["ApproximateNumberOfMessages"])

    def empty(self, pool: WorkerPool) -> None:
        self._sqs.purge_queue(QueueUrl=self._url(pool))

    def _url(self, pool: WorkerPool) -> str:
        return self._sqs.get_queue_url(QueueName=pool.queue.name)["QueueUrl"]


@contextmanager
def _flooded(deployed: Deployment, pools: Sequence[WorkerPool]) -> Iterator[Queues]:
    """Sends to the pools' queues as fast as it goes; begins when they are far behind."""
    queues = Queues(deployed)
    senders = [_sender(deployed, pool) for pool in pools]
    try:
        deployed.wait(lambda: min(map(queues.depth, pools)) > AHEAD, FLOODED_WITHIN)
        yield queues
    finally:
        for sender in senders:
            sender.kill()
            sender.wait()
    for pool in pools:
        queues.empty(pool)


def _sender(deployed: Deployment, pool: WorkerPool) -> subprocess.Popen[bytes]:
    command = [str(PYTHON), "-m", "bench._flood", pool.queue.name, str(FLOOD)]
    sender = subprocess.Popen(command, cwd=ROOT, env=deployed.environment())
    os.setpriority(os.PRIO_PROCESS, sender.pid, LOW_PRIORITY)
    return sender


def _rate(deployed: Deployment, titles: int) -> float:
    done = deployed.enrich(titles, within=120 + titles)
    return steady_rate(done.ended, PERMITS)
