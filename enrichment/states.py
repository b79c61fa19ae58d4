"""The states of an item and the only ways between them; docs/architecture.md draws them."""

from __future__ import annotations

from django.db.models import TextChoices


class State(TextChoices):
    """Where one item stands."""

    PENDING = "pending"  # waits in the database for the dispatcher
    QUEUED = "queued"  # handed to SQS, no worker has it yet
    RUNNING = "running"  # a worker holds its lease
    DONE = "done"  # the catalogue holds its result
    FAILED = "failed"  # cannot succeed, or used all its tries
    REFUSED = "refused"  # the model declined
    QUARANTINED = "quarantined"  # its workers died again and again
    CANCELLED = "cancelled"  # withdrawn before a worker had it


OUTSTANDING = frozenset({State.QUEUED, State.RUNNING})
OPEN = OUTSTANDING | {State.PENDING}
ENDED = frozenset(State) - OPEN
RETRYABLE = frozenset({State.FAILED, State.REFUSED, State.QUARANTINED})
ADOPTABLE = frozenset({State.PENDING, State.FAILED, State.QUARANTINED})

TRANSITIONS: dict[State, frozenset[State]] = {
    # Straight to done, as from failed and quarantined: the catalogue holds what the item wrote.
    State.PENDING: frozenset({State.QUEUED, State.CANCELLED, State.DONE}),
    # Back to pending: the send failed, the message was lost, or the pool is blocked.
    State.QUEUED: frozenset({State.RUNNING, State.PENDING, State.CANCELLED}),
    # Back to pending: a retry, a snooze, or a lease that ran out.
    State.RUNNING: frozenset(
        {State.PENDING, State.DONE, State.FAILED, State.REFUSED, State.QUARANTINED}
    ),
    # Back to pending: the catalogue has lost the result.
    State.DONE: frozenset({State.PENDING}),
    # Back to pending: staff retry it.
    State.FAILED: frozenset({State.PENDING, State.DONE}),
    State.REFUSED: frozenset({State.PENDING}),
    State.QUARANTINED: frozenset({State.PENDING, State.DONE}),
    State.CANCELLED: frozenset(),
}
