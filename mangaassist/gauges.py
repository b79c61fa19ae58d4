"""What is true of queues, pools and keepers at this moment, measured from outside of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import structlog
from django.conf import settings
from django.db import DatabaseError
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from mangaassist import aws, metrics, presence
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, naming
from mangaassist.metrics.registry import Metric
from mangaassist.models import PoolState, WorkerBeat
from mangaassist.pools import DEFERRED, MODERATION, POOLS
from mangaassist.resources import QUEUES

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

WAITING: QueueAttributeNameType = "ApproximateNumberOfMessages"
WORKED_ON: QueueAttributeNameType = "ApproximateNumberOfMessagesNotVisible"

log = structlog.get_logger(__name__)

# Work of these pools waits nowhere but in their queue.
ONLY_QUEUED = {pool.queue: pool for pool in (MODERATION, DEFERRED)}

Reading = tuple[Metric, float, dict[str, str]]  # the metric, its value, and its dimensions


def everything() -> Iterator[Reading]:
    """All gauges of `settings.GAUGES`, measured now; those that cannot be are logged and absent."""
    for path in settings.GAUGES:
        try:
            yield from list(import_string(path)())
        except (Failure, DatabaseError):
            log.exception("gauges_not_measured", source=path)


def record(readings: Iterable[Reading]) -> None:
    for metric, value, dimensions in readings:
        metric.record(value, **dimensions)


def sample_queues() -> None:
    """Keeper duty."""
    record(queues())


def sample_pools() -> None:
    """Keeper duty."""
    record(pools())


def queues() -> Iterator[Reading]:
    """Depth of every queue and of its dead letters. Raises a Failure that names the queue."""
    for queue in QUEUES:
        waiting, worked_on = depth(queue.name)
        if pool := ONLY_QUEUED.get(queue):
            yield metrics.BACKLOG, waiting + worked_on, {"Pool": pool.name}
        yield metrics.QUEUE_VISIBLE, waiting, {"Queue": queue.name}
        yield metrics.QUEUE_IN_FLIGHT, worked_on, {"Queue": queue.name}
        yield metrics.DLQ_DEPTH, sum(depth(queue.dead_letters)), {"Queue": queue.dead_letters}


def pools() -> Iterator[Reading]:
    """What living processes say of themselves, and which pools are blocked."""
    alive: dict[str, list[WorkerBeat]] = defaultdict(list)
    for beat in WorkerBeat.objects.filter(beat_at__gt=Now() - presence.LOST_AFTER):
        alive[beat.pool].append(beat)
    yield metrics.KEEPERS, len(alive[presence.KEEPERS]), {}
    blocked = set(PoolState.objects.filter(blocked_at__isnull=False).values_list("pool", flat=True))
    for pool in POOLS.values():
        of_pool = {"Pool": pool.name}
        beats = alive[pool.name]
        yield metrics.WORKERS, len(beats), of_pool
        yield metrics.CONCURRENCY_IN_USE, sum(beat.in_use for beat in beats), of_pool
        yield metrics.CONCURRENCY_RESERVED, pool.permits, of_pool
        yield metrics.POOL_BLOCKED, pool.name in blocked, of_pool
        if quiet := _longest_quiet(beats):
            yield metrics.BROKER_LAST_OK_AGE, quiet, of_pool


def _longest_quiet(beats: Iterable[WorkerBeat]) -> float:
    """Seconds since the last good receive of the worker that has waited longest for one."""
    now = timezone.now()
    heard = [beat.last_poll_at for beat in beats if beat.last_poll_at is not None]
    return max(((now - at).total_seconds() for at in heard), default=0.0)


def depth(queue: str) -> tuple[int, int]:
    """Messages that wait and messages that are worked on, as SQS estimates them."""
    with naming("sqs:GetQueueAttributes", f"queue {queue}"):
        answer = aws.sqs().get_queue_attributes(
            QueueUrl=queue_url(queue), AttributeNames=[WAITING, WORKED_ON]
        )
    found = answer["Attributes"]
    return int(found[WAITING]), int(found[WORKED_ON])
