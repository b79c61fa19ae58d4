"""The Bedrock simulator's control endpoints, as a test asks them over the wire."""

from __future__ import annotations

import json
import urllib.request
from typing import Any


class Simulator:
    """Says how the next calls go and what the last ones were; local/bedrock knows the words."""

    def __init__(self, url: str) -> None:
        self.url = url

    def reset(self) -> None:
        """Forgets counts, faults, quotas and latencies that were set."""
        self._ask("POST", "reset")

    def stats(self) -> dict[str, Any]:
        """Counts since the reset: calls, active, peak, by_status, throttled, tokens, by_prompt."""
        return self._ask("GET", "stats")

    def fault(self, fault: str, **settings: Any) -> None:
        """Lets calls go wrong by an AWS error or another fault; times, at_token, … narrow it."""
        self.faults({"fault": fault, **settings})

    def faults(self, *rules: dict[str, Any]) -> None:
        """Replaces all fault rules; without any, all calls go well again."""
        self._ask("POST", "faults", list(rules))

    def guardrail(self, identifier: str, version: str, *denied: str, **settings: Any) -> None:
        """Makes a guardrail, which is gone after a reset; settings: blocked=text, after=tokens."""
        guardrail = {"id": identifier, "version": version, "denied": denied, **settings}
        self._ask("POST", "guardrails", guardrail)

    def latency(self, **distribution: Any) -> None:
        """fixed=s, lognormal={"median", "p95"} or first_token=s, per_token=s; model=id for one."""
        self._ask("POST", "latency", distribution)

    def quota(
        self, *, requests_per_minute: float | None = None, tokens_per_minute: float | None = None
    ) -> None:
        """Throttles calls above these rates; None has no limit."""
        limits = {
            "requests_per_minute": requests_per_minute,
            "tokens_per_minute": tokens_per_minute,
        }
        self._ask("POST", "quota", limits)

    def ended_models(self, *model_ids: str) -> None:
        """Refuses these models as past their end of life."""
        self._ask("POST", "models", {"ended": list(model_ids)})

    def _ask(self, method: str, what: str, body: Any = None) -> dict[str, Any]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/_sim/{what}", data, method=method)
        with urllib.request.urlopen(request, timeout=60) as response:
            answer: dict[str, Any] = json.load(response)
            return answer
