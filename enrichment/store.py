"""What moves items between states: the interface that the in-memory and the database store share.

Every method is one conditional step: it changes only items that are still in the expected state
(and delivery), and tells which ones it changed. A caller that lost a race learns it from the answer
and has nothing to undo.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any, Protocol

from enrichment.states import State
from mangaassist.resources import ENRICHMENT_QUEUE

SEND_LEASE = timedelta(seconds=30)  # the dispatcher may take this long to send what it marked
QUEUE_LEASE = timedelta(minutes=5)  # a message that no worker took by then counts as lost
RUN_LEASE = timedelta(seconds=ENRICHMENT_QUEUE.visibility_timeout)


@dataclass(frozen=True)
class Send:
    """One delivery of one item; `title` is the message group."""

    item: int
    delivery: int
    title: str


@dataclass(frozen=True)
class Message:
    """The SQS message that brought a delivery. receives: how often SQS has handed it out."""

    id: str = ""
    receives: int = 0


NO_MESSAGE = Message()


@dataclass(frozen=True)
class Claimed:
    """What a worker has after a claim; `draft` is an earlier delivery's answer, not yet written.

    offer_only: no text is to be written.
    """

    item: int
    delivery: int
    job: int
    title: str
    draft: dict[str, Any] | None
    offer_only: bool = False


@dataclass(frozen=True)
class Usage:
    """What a delivery cost; cost in USD; request_id: that of its last Bedrock call."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    request_id: str = ""


@dataclass(frozen=True)
class Outcome:
    """What a delivery came to. `tries` and `snoozes` are added to the item's counters."""

    state: State
    code: str = ""
    message: str = ""
    wait: timedelta = timedelta(0)  # before a pending item may be sent again
    tries: int = 0
    snoozes: int = 0
    usage: Usage = field(default_factory=Usage)


@dataclass(frozen=True)
class Reaped:
    """How many items lost their lease: messages lost, workers lost, and given up as poisonous."""

    unsent: int = 0
    crashed: int = 0
    quarantined: int = 0


class ItemStore(Protocol):
    """The only door to item states."""

    def dispatch(self, job: int, limit: int) -> list[Send]:
        """pending → queued for the oldest `limit` items that are due, each with a new delivery."""

    def confirm(self, sends: Collection[Send]) -> None:
        """Lengthens the lease of queued items whose message SQS has accepted."""

    def put_back(self, sends: Collection[Send]) -> int:
        """queued → pending for deliveries that were not sent, or may not run now."""

    def recall(self, job: int) -> int:
        """queued → pending for all of a job; the messages that are out become stale."""

    def claim(
        self, item: int, delivery: int, worker: str, message: Message = NO_MESSAGE
    ) -> Claimed | None:
        """queued → running for this delivery. None: a duplicate, a lost race or cancelled."""

    def extend(self, worker: str, items: Collection[int]) -> None:
        """Renews the leases of the running items that still belong to the worker."""

    def keep(self, item: int, delivery: int, usage: Usage, draft: dict[str, Any] | None) -> None:
        """Records what a running delivery has paid for before it is settled as failed."""

    def settle(self, item: int, delivery: int, outcome: Outcome) -> bool:
        """running → the outcome's state. False: the lease was lost, somebody else has the item."""

    def reap(self, crash_limit: int) -> Reaped:
        """Takes back items whose lease ran out; the `crash_limit`-th crash quarantines."""

    def cancel(self, job: int) -> int:
        """pending | queued → cancelled."""

    def retry(self, job: int, items: Sequence[int] | None = None, code: str = "") -> int:
        """failed | refused | quarantined → pending, fresh.

        All of a job, or only `items`, or only those with this code.
        """

    def adopt(self, items: Collection[int]) -> int:
        """pending | failed | quarantined → done: the catalogue holds what these items wrote."""

    def redo(self, items: Collection[int]) -> int:
        """done → pending, fresh: the catalogue has lost the results of these items."""

    def counts(self, job: int) -> Mapping[State, int]:
        """Items by state; states without items are absent."""

    def outstanding(self) -> Mapping[int, int]:
        """Queued and running items by job."""
