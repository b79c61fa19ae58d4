"""The simulator's control endpoint, as the benches use it."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class Bedrock:
    """The simulator of one stack."""

    def __init__(self, address: str) -> None:
        self._address = address

    def answer_in(self, seconds: float) -> None:
        """Gives every answer the same latency, and starts counting anew."""
        self._ask("reset", {})
        self._ask("latency", {"fixed": seconds})

    def write_in(self, first: float, per_token: float, tokens: int, per_event: int) -> None:
        """Makes every answer equally long and equally fast; seconds, and tokens of an event."""
        self._ask("reset", {})
        self._ask("latency", {"first_token": first, "per_token": per_token})
        self._ask("size", {"tokens": tokens, "per_event": per_event})

    def allow(self, requests: int, tokens: int, burst: float) -> None:
        """Sets a quota, a minute, with full buckets; burst: seconds of it that they hold."""
        quota = {"requests_per_minute": requests, "tokens_per_minute": tokens, "burst": burst}
        self._ask("quota", quota)

    def stats(self) -> dict[str, Any]:
        """Counts since `answer_in`."""
        return dict(self._ask("stats"))

    def change_latency(self, seconds: float) -> None:
        """Gives every later answer this latency, and goes on counting."""
        self._ask("latency", {"fixed": seconds})

    def titles_asked(self) -> set[str]:
        """The ids of the titles that calls were about."""
        return set(self.stats()["by_prompt"])

    def answered(self) -> int:
        """How many calls got an answer."""
        return int(self._ask("stats")["by_status"].get("200", 0))

    def peak(self) -> int:
        """The most calls that were in flight at once."""
        return int(self._ask("stats")["peak"])

    def _ask(self, what: str, settings: Any = None) -> Any:
        body = None if settings is None else json.dumps(settings).encode()
        with urllib.request.urlopen(f"{self._address}/_sim/{what}", body, timeout=10) as answer:
            return json.load(answer)
