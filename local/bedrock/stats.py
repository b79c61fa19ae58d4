"""What the simulator was asked: counts since the start or the last reset."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any


class Stats:
    """Counts InvokeModel and InvokeModelWithResponseStream; CountTokens is free and not counted."""

    def __init__(self) -> None:
        self.calls = 0
        self.active = 0
        self.peak = 0
        self.by_status: Counter[int] = Counter()
        self.throttled = 0
        self.input_tokens = 0
        self.output_tokens = 0
        self.by_prompt: Counter[str] = Counter()

    @contextmanager
    def call(self) -> Iterator[None]:
        self.calls += 1
        self.active += 1
        self.peak = max(self.peak, self.active)
        try:
            yield
        finally:
            self.active -= 1

    def asked_about(self, title_ids: Iterable[str]) -> None:
        self.by_prompt.update(title_ids)

    def answered(self, status: int) -> None:
        self.by_status[status] += 1

    def refused(self, error_name: str, status: int) -> None:
        self.by_status[status] += 1
        self.throttled += error_name == "ThrottlingException"

    def used(self, input_tokens: int, output_tokens: int) -> None:
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    def snapshot(self) -> dict[str, Any]:
        return {
            "calls": self.calls,
            "active": self.active,
            "peak": self.peak,
            "by_status": {str(status): n for status, n in sorted(self.by_status.items())},
            "throttled": self.throttled,
            "input_tokens": self.input_tokens,
            "output_tokens": self.output_tokens,
            "by_prompt": dict(self.by_prompt),
        }
