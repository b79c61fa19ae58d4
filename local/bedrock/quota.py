"""The account's quota: requests and tokens a minute, reserved at the start, settled at the end."""

from __future__ import annotations

from dataclasses import dataclass

from local.bedrock.wire import BedrockError

MINUTE = 60.0  # seconds


class Bucket:
    """Holds the allowance of `burst` seconds and refills evenly."""

    def __init__(self, per_minute: float, burst: float, now: float) -> None:
        self.per_minute = per_minute
        self.size = self.level = per_minute * burst / MINUTE
        self.filled_at = now

    def holds(self, amount: float, now: float) -> bool:
        gained = (now - self.filled_at) * self.per_minute / MINUTE
        self.level = min(self.size, self.level + gained)
        self.filled_at = now
        return self.level >= amount

    def add(self, amount: float) -> None:
        self.level = min(self.size, self.level + amount)


@dataclass
class Quota:
    """Both buckets; None has no limit. `now` is any steady clock in seconds."""

    requests: Bucket | None = None
    tokens: Bucket | None = None

    def reserve(self, tokens: int, now: float) -> None:
        """Takes one request and so many tokens, or nothing. Raises BedrockError when over quota."""
        if self.requests and not self.requests.holds(1, now):
            raise _throttled("requests")
        if self.tokens and not self.tokens.holds(tokens, now):
            raise _throttled("tokens")
        if self.requests:
            self.requests.add(-1)
        if self.tokens:
            self.tokens.add(-tokens)

    def give_back(self, tokens: int) -> None:
        """Returns what a call reserved and did not use, or takes what it used beyond that."""
        if self.tokens:
            self.tokens.add(tokens)


def limited(
    requests: float | None, tokens: float | None, now: float, burst: float = MINUTE
) -> Quota:
    """A quota with full buckets.

    burst: seconds of allowance that a bucket holds; Bedrock does not say how many it grants.
    """
    return Quota(
        None if requests is None else Bucket(requests, burst, now),
        None if tokens is None else Bucket(tokens, burst, now),
    )


def _throttled(what: str) -> BedrockError:
    return BedrockError("ThrottlingException", f"Too many {what}, please wait before trying again.")
