"""The producer's credit window: how many items may be outstanding, and how jobs share them."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from django.db.models import TextChoices

from enrichment.store import ItemStore, Send

HORIZON = 120.0  # seconds of work that may wait ahead of the workers
LOW_HORIZON = 30.0  # of the low lane: an urgent item waits behind no more of it than that
BATCH = 10  # messages that one SQS call carries
LARGEST = 5_000  # items


class Lane(TextChoices):
    """Whose turn it is: jobs of the low lane fill what those of the normal one leave."""

    NORMAL = "normal"
    LOW = "low"


WEIGHTS = {Lane.NORMAL: 9, Lane.LOW: 1}  # So the low lane keeps a tenth and never starves.


def window(rate: float, permits: int, horizon: float = HORIZON) -> int:
    """How many items may be queued or running.

    rate: completions per second; permits: Bedrock calls that the living workers may have in flight;
    horizon: seconds of work that may wait.
    """
    return min(LARGEST, max(round(horizon * rate), 2 * permits + BATCH))


@dataclass(frozen=True)
class Claimant:
    """A job that wants to send: its weight, what it has outstanding, its lane, and how many items
    more it may send."""

    job: int
    weight: int
    outstanding: int
    lane: Lane = Lane.NORMAL
    room: int = LARGEST


def share(
    credit: int, claimants: Iterable[Claimant], held: Mapping[Lane, int], low_window: int
) -> dict[int, int]:
    """Gives each unit of credit to the lane, and in it to the job, with the least outstanding work
    for its weight.

    A small new job so passes a job of thousands without waiting behind it, and a job of the normal
    lane all of the low one. held: what each lane has outstanding, also of jobs that want no more;
    low_window: how much the low lane may have, however much of the window is free.
    """
    queues = {lane: Queue(lane, held.get(lane, 0)) for lane in Lane}
    for claimant in claimants:
        heapq.heappush(queues[claimant.lane].heap, _entry(claimant, claimant.outstanding))
    quotas: dict[int, int] = {}
    for _ in range(credit):
        asking = [
            queue
            for queue in queues.values()
            if queue.heap and (queue.lane == Lane.NORMAL or queue.held < low_window)
        ]
        if not asking:
            break
        job = min(asking, key=lambda queue: queue.held / WEIGHTS[queue.lane]).take()
        quotas[job] = quotas.get(job, 0) + 1
    return quotas


def fill(
    store: ItemStore,
    credit: int,
    claimants: Sequence[Claimant],
    held: Counter[Lane],
    low_window: int,
) -> list[Send]:
    """Shares credit as `share` does until it is used up or no job has a due item left.

    What a job cannot use goes to the others at once.
    """
    held = held.copy()
    sends: list[Send] = []
    while quotas := share(credit - len(sends), claimants, held, low_window):
        going_on = []
        for claimant in claimants:
            quota = quotas.get(claimant.job, 0)
            most = min(quota, claimant.room)
            taken = store.dispatch(claimant.job, most) if most else []
            sends += taken
            held[claimant.lane] += len(taken)
            if len(taken) == quota:
                more, room = claimant.outstanding + quota, claimant.room - quota
                going_on.append(replace(claimant, outstanding=more, room=room))
        claimants = going_on
    return sends


@dataclass
class Queue:
    """The claimants of one lane, those with the least outstanding work for their weight first."""

    lane: Lane
    held: int
    heap: list[tuple[float, int, int, Claimant]] = field(default_factory=list)

    def take(self) -> int:
        """Gives one unit to the first job, and says which one it was."""
        _, job, outstanding, claimant = self.heap[0]
        heapq.heapreplace(self.heap, _entry(claimant, outstanding + 1))
        self.held += 1
        return job


def _entry(claimant: Claimant, outstanding: int) -> tuple[float, int, int, Claimant]:
    return outstanding / claimant.weight, claimant.job, outstanding, claimant
