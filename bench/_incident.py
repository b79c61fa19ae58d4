"""The runbooks' second incident with the real processes, and an open producer beside them."""

from __future__ import annotations

import time
from dataclasses import dataclass

from bench import _peer
from bench._backlog import BATCH, BATCH_EVERY, FAST, PERMITS, SLOW
from bench._deployment import Deployment
from bench._history import Life, Sending, sendings
from bench._open_producer import OpenProducer
from mangaassist.metrics import MESSAGE_AGE
from mangaassist.pools import ENRICHMENT

SLOTS, PARALLEL = 5, PERMITS // 5  # of the one worker process
LOOK_EVERY = 1.0  # seconds
LIVES = """
SELECT extract(epoch FROM queued_at), extract(epoch FROM ended_at), delivery
FROM enrichment_item WHERE delivery > 0
"""
OLDEST_TAKEN = """
SELECT coalesce(max(high), 0) FROM mangaassist_metricsample WHERE name = %s AND dimensions LIKE %s
"""
OLDEST_QUEUED = """
SELECT coalesce(extract(epoch FROM max(now() - queued_at)), 0)
FROM enrichment_item WHERE state = 'queued'
"""


@dataclass(frozen=True)
class Course:
    """How long calls are fast, then slow, then fast again; in seconds."""

    before: float
    slow: float
    after: float


@dataclass(frozen=True)
class Seen:
    """What happened. peak: the send after which most was outstanding; ages in seconds."""

    peak: Sending
    violations: int
    sent: int
    sent_again: int
    max_age: float
    open_max_depth: int
    open_max_age: float


def relive(deployed: Deployment, course: Course) -> Seen:
    """Begins 500 titles a minute while the model slows down and recovers."""
    deployed.bedrock.answer_in(FAST)
    deployed.start([SLOTS], PARALLEL)
    with _peer.workers(deployed, PERMITS):
        submissions = Submissions(deployed)
        for latency, seconds in ((FAST, course.before), (SLOW, course.slow), (FAST, course.after)):
            deployed.bedrock.change_latency(latency)
            submissions.go_on(seconds)
    return look_back(deployed, submissions.open_producer)


class Submissions:
    """The same titles a minute through the product's own door and to the open producer."""

    def __init__(self, deployed: Deployment) -> None:
        self.open_producer = OpenProducer(deployed)
        self._deployed = deployed
        self._until = self._next = time.monotonic()

    def go_on(self, seconds: float) -> None:
        """Submits for so long. Raises RuntimeError when a process of the product ends."""
        self._until += seconds
        while time.monotonic() < self._until:
            self._deployed.check()
            if time.monotonic() >= self._next:
                self._next += BATCH_EVERY
                self._deployed.begin(BATCH)
                self.open_producer.send(BATCH)
            self.open_producer.look()
            time.sleep(LOOK_EVERY)


def look_back(deployed: Deployment, open_producer: OpenProducer) -> Seen:
    """Ends the product, so that it reports its last ages, and reads what it left."""
    still_queued = float(deployed.ask(OLDEST_QUEUED)[0][0])
    rows = deployed.ask(LIVES)
    deployed.product.stop()
    taken = deployed.ask(OLDEST_TAKEN, MESSAGE_AGE.name, f"%{ENRICHMENT.queue.name}%")[0][0]
    lives = [Life(float(queued), ended and float(ended)) for queued, ended, _ in rows]
    sends = sendings(lives, PERMITS)
    return Seen(
        peak=max(sends, key=lambda send: send.outstanding),
        violations=sum(send.too_many for send in sends),
        sent=len(lives),
        sent_again=sum(delivery > 1 for *_, delivery in rows),
        max_age=max(still_queued, taken),
        open_max_depth=open_producer.max_depth,
        open_max_age=open_producer.max_age,
    )
