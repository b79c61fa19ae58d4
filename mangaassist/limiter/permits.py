"""Leave for one Bedrock call."""

from __future__ import annotations

from mangaassist.limiter.local import LocalShare
from mangaassist.limiter.shared import SharedQuota


class Permit:
    """What one call was charged, and where; settled once, with whoever gave it."""

    def __init__(self, source: SharedQuota | LocalShare, lease: str, tokens: int) -> None:
        self.tokens = tokens
        self._source = source
        self._lease = lease
        self._is_settled = False

    def settle(self, used: int) -> None:
        """Says how many tokens the call used; only the first time counts."""
        if not self._is_settled:
            self._is_settled = True
            self._source.settle(self._lease, self.tokens - used)

    def throttled(self) -> None:
        """Says that Bedrock throttled the call, which so used nothing."""
        self._source.throttled()
        self.settle(0)
