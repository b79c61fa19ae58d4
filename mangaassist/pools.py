"""Worker pools as frozen values: how much each may have in flight."""

from __future__ import annotations

from dataclasses import dataclass

from mangaassist.resources import (
    ENRICHMENT_QUEUE,
    ENRICHMENT_ROLE,
    MAINTENANCE_QUEUE,
    MAINTENANCE_ROLE,
    Queue,
    Role,
)

# Threads beyond the permits prepare the next items and write the last ones while the model works.
SPARE_THREADS = 0.4


@dataclass(frozen=True)
class Pool:
    """A worker group with reserved concurrency, read by worker command, launcher and policies."""

    name: str
    queue: Queue
    role: Role
    slots: int  # reserved executions, the runbooks' unit
    parallel: int  # pieces of work at a time in one slot
    asks_model: bool = True  # a piece of work is a Bedrock call; otherwise the pool may make none

    @property
    def permits(self) -> int:
        """How many pieces of work the whole pool may have in flight."""
        return self.slots * self.parallel

    def threads(self, slots: int) -> int:
        """How many threads a process with so many slots runs."""
        permits = slots * self.parallel
        return permits + int(permits * SPARE_THREADS) + 1 if self.asks_model else permits


ENRICHMENT = Pool("enrichment", ENRICHMENT_QUEUE, ENRICHMENT_ROLE, slots=25, parallel=10)
MAINTENANCE = Pool(
    "maintenance", MAINTENANCE_QUEUE, MAINTENANCE_ROLE, slots=5, parallel=1, asks_model=False
)
POOLS = {pool.name: pool for pool in (ENRICHMENT, MAINTENANCE)}
