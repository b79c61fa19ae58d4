"""What Bedrock allows a model, and the numbers that Redis and a process alone hold it by."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings

BURST = 2.0  # seconds of the quota that a bucket holds
CUT = 0.7  # what is left of the factor after a throttle
CUT_EVERY = 2.0  # seconds; the throttles of one storm are one cut
LEAST_FACTOR = 0.05
RECOVERY = 0.005  # of the whole quota, a second
POLL = 0.05  # seconds until a pool may ask again whose permits are all out


@dataclass(frozen=True)
class Quota:
    """Requests and tokens a second."""

    requests: float
    tokens: float

    def part(self, share: float) -> Quota:
        return Quota(self.requests * share, self.tokens * share)


@dataclass(frozen=True)
class Answer:
    """What the quota says to one call.

    wait: seconds until it may ask again, 0.0 when it is admitted and charged; lacks: what it waits
    for; factor: the share of the quota that is used at present.
    """

    wait: float
    lacks: str
    factor: float


def quota_of(model_id: str) -> Quota:
    """The quota of a model's full id, from the settings."""
    requests, tokens = settings.BEDROCK_QUOTAS.get(model_id, settings.BEDROCK_QUOTA)
    return Quota(requests / 60, tokens / 60)
