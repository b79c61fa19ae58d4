"""Faults on request: rules that say which calls go wrong, how, and how often."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from random import Random
from typing import Any

from local.bedrock.models import EMBEDDING_MODELS, bare
from local.bedrock.wire import STATUS, STREAM_ERRORS, BedrockError

STOP_REASONS = {
    "refusal",
    "max_tokens",
    "stop_sequence",
    "tool_use",
    "pause_turn",
    "model_context_window_exceeded",
}
SHAPES = {"wrong_language", "too_long", "bad_schema", "obey", "invent"}
BROKEN = {"hang", "slow", "cut", "silent_end", "malformed", "empty", "stop_reason"}
OF_TEXT = SHAPES | BROKEN - {"hang", "slow"}
WRITING = {"InvokeModel", "InvokeModelWithResponseStream"}


@dataclass
class Fault:
    """One rule.

    `fault` is an AWS error name or one of SHAPES and BROKEN; `obey` does what any text of the
    prompt says. A rule about a text waits for a call that writes one. Without `at_token` an error
    or a hang comes before the answer. `seconds` belongs to slow; `value` to stop_reason (one of
    STOP_REASONS) and to malformed ("body", which is the default, or "text").
    """

    fault: str
    times: int | None = None
    probability: float = 1.0
    operation: str | None = None
    model: str | None = None
    contains: str | None = None
    at_token: int | None = None
    seconds: float = 0.0
    value: str = ""
    message: str = "Injected fault."

    @property
    def error(self) -> BedrockError | None:
        return BedrockError(self.fault, self.message) if self.fault in STATUS else None

    def covers(self, operation: str, model_id: str, prompt: str) -> bool:
        return (
            self.times != 0
            and (self.fault not in OF_TEXT or _writes(operation, model_id))
            and self.operation in (None, operation)
            and (self.model is None or bare(self.model) == model_id)
            and (self.contains is None or self.contains in prompt)
        )


class Faults:
    """The rules in force; the first that covers a call and wins its throw is used up by one."""

    def __init__(self) -> None:
        self.set([])

    def set(self, rules: Iterable[Fault]) -> None:
        """Replaces all rules."""
        self.rules = list(rules)
        self._random = Random(0)

    def pick(self, operation: str, model_id: str, prompt: str) -> Fault | None:
        for rule in self.rules:
            if (
                rule.covers(operation, model_id, prompt)
                and self._random.random() < rule.probability
            ):
                if rule.times is not None:
                    rule.times -= 1
                return rule
        return None


def parse(settings: Mapping[str, Any]) -> Fault:
    """Reads one rule. Raises ValueError when it makes no sense."""
    known = {field.name for field in fields(Fault)}
    if unknown := sorted(settings.keys() - known):
        raise ValueError(f"unknown settings: {', '.join(unknown)}")
    if settings.get("fault") not in {*STATUS, *SHAPES, *BROKEN}:
        raise ValueError(f"unknown fault: {settings.get('fault')!r}")
    fault = Fault(**settings)
    _check(fault)
    return fault


def _writes(operation: str, model_id: str) -> bool:
    return operation in WRITING and model_id not in EMBEDDING_MODELS


def _check(fault: Fault) -> None:
    if fault.fault == "stop_reason" and fault.value not in STOP_REASONS:
        raise ValueError(f"unknown stop reason: {fault.value!r}")
    if fault.fault == "malformed" and fault.value not in ("", "body", "text"):
        raise ValueError('malformed takes the value "body" or "text"')
    if fault.fault == "slow" and fault.seconds <= 0:
        raise ValueError("slow needs seconds")
    if fault.error and fault.at_token is not None and fault.fault not in STREAM_ERRORS:
        raise ValueError(f"a stream cannot raise {fault.fault}")
