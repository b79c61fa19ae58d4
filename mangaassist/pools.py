"""Worker pools as frozen values: how many Bedrock calls each may have in flight."""

from __future__ import annotations

from dataclasses import dataclass

from mangaassist.resources import ENRICHMENT_QUEUE, ENRICHMENT_ROLE, Queue, Role


@dataclass(frozen=True)
class Pool:
    """A worker group with reserved concurrency, read by worker command, launcher and policies."""

    name: str
    queue: Queue
    role: Role
    slots: int  # reserved executions, the runbooks' unit
    parallel: int  # Bedrock calls at a time in one slot

    @property
    def permits(self) -> int:
        """How many Bedrock calls the whole pool may have in flight."""
        return self.slots * self.parallel


ENRICHMENT = Pool("enrichment", ENRICHMENT_QUEUE, ENRICHMENT_ROLE, slots=25, parallel=10)
POOLS = {pool.name: pool for pool in (ENRICHMENT,)}
