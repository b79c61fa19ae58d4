"""Worker pools as frozen values: how much each may have in flight."""

from __future__ import annotations

from dataclasses import dataclass, field

from mangaassist.resources import (
    DEFERRED_QUEUE,
    DEFERRED_ROLE,
    ENRICHMENT_QUEUE,
    ENRICHMENT_ROLE,
    MAINTENANCE_QUEUE,
    MAINTENANCE_ROLE,
    MODERATION_QUEUE,
    MODERATION_ROLE,
    WEB_ROLE,
    Queue,
    Role,
)

# Threads beyond the permits prepare the next items and write the last ones while the model works.
SPARE_THREADS = 0.4


@dataclass(frozen=True)
class Pool:
    """Processes with reserved concurrency, read by commands, launcher, limiter and policies."""

    name: str
    role: Role
    slots: int  # reserved executions, the runbooks' unit
    parallel: int  # pieces of work at a time in one slot
    floor: float  # share of the model's quota that it leaves to more urgent pools, 0 to 1
    share: float  # of half the quota, while Redis is gone; all of them together at most 1
    models: tuple[str, ...] = field(default=(), kw_only=True)  # settings that name those it calls

    @property
    def permits(self) -> int:
        """How many pieces of work the whole pool may have in flight."""
        return self.slots * self.parallel

    @property
    def asks_model(self) -> bool:
        """Whether a piece of work is a Bedrock call; otherwise the pool may make none."""
        return self.share > 0

    def threads(self, slots: int) -> int:
        """How many threads a process with so many slots runs."""
        permits = slots * self.parallel
        return permits + int(permits * SPARE_THREADS) + 1 if self.asks_model else permits


@dataclass(frozen=True)
class WorkerPool(Pool):
    """A pool of worker processes that take their work from a queue."""

    queue: Queue


ENRICHMENT = WorkerPool(
    "enrichment",
    ENRICHMENT_ROLE,
    25,
    10,
    0.30,
    0.30,
    ENRICHMENT_QUEUE,
    models=("ENRICHMENT_MODEL",),
)
MODERATION = WorkerPool(
    "moderation", MODERATION_ROLE, 10, 4, 0.15, 0.05, MODERATION_QUEUE, models=("CHAT_MODEL",)
)
WEBSOCKET = Pool(  # lives in the web process
    "websocket", WEB_ROLE, 50, 4, 0.0, 0.60, models=("CHAT_MODEL", "CHAT_STRONG_MODEL")
)
DEFERRED = WorkerPool(
    "deferred", DEFERRED_ROLE, 15, 2, 0.50, 0.03, DEFERRED_QUEUE, models=("CHAT_MODEL",)
)
MAINTENANCE = WorkerPool("maintenance", MAINTENANCE_ROLE, 5, 1, 0.30, 0.02, MAINTENANCE_QUEUE)

WORKER_POOLS = {pool.name: pool for pool in (ENRICHMENT, MODERATION, DEFERRED, MAINTENANCE)}
POOLS: dict[str, Pool] = {**WORKER_POOLS, WEBSOCKET.name: WEBSOCKET}
