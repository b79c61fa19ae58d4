"""What an action on a job would touch, told before anybody does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from enrichment.database import retryable
from enrichment.models import Job
from enrichment.progress import counts
from enrichment.states import State


class Action(StrEnum):
    """What people do with a job that is there."""

    PAUSE = "pause"
    RESUME = "resume"
    BUDGET = "budget"
    CANCEL = "cancel"
    RETRY = "retry"


@dataclass(frozen=True)
class Effect:
    """possible: whether the job is in a state for it; touched: items that it would change;
    running: items that go on to their end; waiting: pending ones that stay as they are."""

    possible: bool
    touched: int
    running: int
    waiting: int


def possible(job: Job) -> list[Action]:
    """What can be done with a job in its state, whatever its items are; retrying needs some."""
    if job.ended_at is None and job.state == Job.State.OPEN:
        found = [Action.PAUSE, Action.BUDGET, Action.CANCEL]
    elif job.ended_at is None and job.state == Job.State.PAUSED:
        # Another budget is what lets a held job go on.
        found = [*([] if job.held else [Action.RESUME]), Action.BUDGET, Action.CANCEL]
    else:
        found = []
    return found if job.state == Job.State.CANCELLED else [*found, Action.RETRY]


def effect(job: Job, action: Action, items: Sequence[int] | None = None, code: str = "") -> Effect:
    """items, code: as `jobs.retry` has them."""
    by_state = counts([job])[job.pk].by_state
    pending, queued = by_state.get(State.PENDING, 0), by_state.get(State.QUEUED, 0)
    running = by_state.get(State.RUNNING, 0)
    able = action in possible(job)
    match action:
        case Action.PAUSE:
            return Effect(able, queued, running, pending)
        case Action.RESUME:
            return Effect(able, pending, running, 0)
        case Action.BUDGET:
            return Effect(able, pending if job.held else 0, running, 0 if job.held else pending)
        case Action.CANCEL:
            left = pending + queued
            return Effect(able and left + running > 0, left, running, 0)
        case Action.RETRY:
            chosen = retryable(job.pk, items, code).count()
            return Effect(able and chosen > 0, chosen, running, pending)
