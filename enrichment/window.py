"""The producer's credit window: how many items may be outstanding, and how jobs share them."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass

HORIZON = 120.0  # seconds of work that may wait ahead of the workers
BATCH = 10  # messages that one SQS call carries
LARGEST = 5_000  # items


def window(rate: float, permits: int) -> int:
    """How many items may be queued or running.

    rate: completions per second; permits: Bedrock calls that the living workers may have in flight.
    """
    return min(LARGEST, max(round(HORIZON * rate), 2 * permits + BATCH))


@dataclass(frozen=True)
class Claimant:
    """A job that wants to send: its weight and what it has outstanding."""

    job: int
    weight: int
    outstanding: int


def share(credit: int, claimants: Iterable[Claimant]) -> dict[int, int]:
    """Gives each unit of credit to the job with the least outstanding work for its weight.

    A small new job so passes a job of thousands without waiting behind it.
    """
    heap = [(c.outstanding / c.weight, c.job, c.outstanding, c.weight) for c in claimants]
    heapq.heapify(heap)
    quotas: dict[int, int] = {}
    for _ in range(credit if heap else 0):
        _, job, outstanding, weight = heap[0]
        quotas[job] = quotas.get(job, 0) + 1
        heapq.heapreplace(heap, ((outstanding + 1) / weight, job, outstanding + 1, weight))
    return quotas
