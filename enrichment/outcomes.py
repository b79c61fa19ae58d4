"""What a failure means for an item: snooze, retry, refuse or fail. Pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from enrichment.states import State
from enrichment.store import Outcome
from mangaassist.errors import Failure, Misconfigured, Refused, Rejected, Throttled

LONGEST_WAIT = 60.0  # seconds between two tries


def outcome(
    failure: Failure,
    tries: int,
    snoozes: int,
    limit: int,
    jitter: Callable[[], float] = random.random,
) -> Outcome:
    """The outcome for an item.

    tries, snoozes: used before this failure; limit: the most tries.
    """
    code, message = failure.code, failure.message
    match failure:
        case Misconfigured():  # The pool is blocked, so the item needs no wait of its own.
            return Outcome(State.PENDING, code, message, snoozes=1)
        case Throttled():
            wait = timedelta(seconds=failure.wait) + backoff(snoozes, jitter)
            return Outcome(State.PENDING, code, message, wait=wait, snoozes=1)
        case Refused():
            return Outcome(State.REFUSED, code, message, tries=1)
        case Rejected():
            return Outcome(State.FAILED, code, message, tries=1)
    if tries + 1 >= limit:
        return Outcome(State.FAILED, code, f"{message} (given up after {limit} tries)", tries=1)
    return Outcome(State.PENDING, code, message, wait=backoff(tries, jitter), tries=1)


def backoff(failures: int, jitter: Callable[[], float]) -> timedelta:
    """Full jitter below an exponentially growing bound, so that items do not come back in step."""
    return timedelta(seconds=jitter() * min(LONGEST_WAIT, 2.0 ** min(failures + 1, 10)))
