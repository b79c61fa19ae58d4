"""What every call of Claude on Amazon Bedrock has, whether its answer comes whole or in pieces."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import structlog
from botocore.exceptions import ClientError
from django.conf import settings

from mangaassist import bedrock_wire, claude, metrics
from mangaassist.errors import (
    Failure,
    Misconfigured,
    Rejected,
    Temporary,
    Throttled,
    classify,
    explain,
)
from mangaassist.incoming import Incoming
from mangaassist.metrics.registry import Metric
from mangaassist.pools import Pool
from mangaassist.tokens import calibration, estimate_prompt

INTERVENED = "guardrail_intervened"  # the stop reason, by the name that Converse gives it
LONGEST_READ = 25.0  # seconds; API Gateway gives up at 29
TEMPERATURE = 0.3  # Texts should vary little between tries.

log = structlog.get_logger(__name__)


def intervened(document: Mapping[str, Any]) -> bool:
    """Whether an answer, or an event of one, says that the guardrail stepped in."""
    return document.get("amazon-bedrock-guardrailAction") == "INTERVENED"


def read_timeout(tokens: int) -> float:
    """How long to wait for an answer to a prompt of so many tokens, in seconds."""
    return min(LONGEST_READ, 10 + tokens / 1_000)


class Guardrail(NamedTuple):
    """A Bedrock guardrail, which looks at what is asked and what is answered."""

    id: str
    version: str

    def failure(self, error: Exception) -> Failure:
        """Classifies an error of the guardrail; one that only people can end is made loud."""
        failure = explain(error, "bedrock:ApplyGuardrail", f"guardrail {self.id}")
        if not isinstance(failure, Misconfigured):
            return failure
        message = (
            f"bedrock:ApplyGuardrail on guardrail {self.id}, version {self.version}, failed: "
            f"{classify(error).message} GUARDRAIL_ID and GUARDRAIL_VERSION must name one that this "
            "region has, and manage.py provision lets our roles ask it."
        )
        metrics.GUARDRAIL_ERRORS.record(Code=failure.code)
        log.error("guardrail_unusable", code=failure.code, cause=message)
        return Misconfigured(failure.code, message)


def configured_guardrail() -> Guardrail | None:
    """That of the chat, if the settings name one."""
    if not settings.GUARDRAIL_ID:
        return None
    return Guardrail(settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION)


@dataclass(frozen=True)
class Call:
    """One conversation as a model gets it.

    messages: alternating {"role", "content"}, user first and last.
    """

    model_id: str
    pool: Pool
    system: str
    messages: Sequence[Mapping[str, str]]
    max_tokens: int
    guardrail: Guardrail | None = None
    estimated: int = field(init=False)  # tokens of the prompt, before any calibration

    def __post_init__(self) -> None:
        object.__setattr__(self, "estimated", estimate_prompt(self.system, self.messages))

    @property
    def model(self) -> claude.Model:
        return claude.find(self.model_id)

    @property
    def output(self) -> int:
        """The most tokens that the model may write."""
        return min(self.max_tokens, self.model.max_output)

    @property
    def reserved(self) -> int:
        """Tokens of the quota that Bedrock reserves at the start."""
        return math.ceil(self.estimated * calibration(self.model_id).factor) + self.output

    @property
    def patience(self) -> float:
        """Seconds to wait for the answer, or for its first byte."""
        return read_timeout(self.estimated)

    @property
    def body(self) -> bytes:
        body: dict[str, Any] = {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": self.output,
            "system": self.system,
            "messages": list(self.messages),
        }
        if self.model.sampling:
            body["temperature"] = TEMPERATURE
        return json.dumps(body, ensure_ascii=False).encode()

    @property
    def headers(self) -> dict[str, str]:
        """Those that name the guardrail."""
        if self.guardrail is None:
            return {}
        return {
            "X-Amzn-Bedrock-GuardrailIdentifier": self.guardrail.id,
            "X-Amzn-Bedrock-GuardrailVersion": self.guardrail.version,
        }

    def sent(self, operation: str, within: float) -> AbstractContextManager[Incoming]:
        """Makes the call, as `bedrock_wire.sent` has it."""
        return bedrock_wire.sent(operation, self.model_id, self.body, within, self.headers)

    def measured(self) -> AbstractContextManager[None]:
        """Counts the call in the block."""
        return measured(self.model_id, self.pool)

    def record_bill(self, input_tokens: int, output_tokens: int) -> None:
        """Counts what a call used and cost."""
        self.record(metrics.CONTEXT_TOKENS, input_tokens)
        self.record(metrics.INPUT_TOKENS, input_tokens)
        self.record(metrics.OUTPUT_TOKENS, output_tokens)
        self.record(metrics.COST_USD, float(self.model.cost(input_tokens, output_tokens)))

    def learn(self, input_tokens: int) -> None:
        """Calibrates the estimate by a bill."""
        calibration(self.model_id).observe(self.estimated, input_tokens)

    def record_since(self, metric: Metric, begun: float) -> None:
        """Records the milliseconds since an instant of the steady clock."""
        self.record(metric, 1000 * (time.monotonic() - begun))

    def record(self, metric: Metric, value: float = 1) -> None:
        metric.record(value, ModelId=self.model_id, Pool=self.pool.name)

    def failure(self, error: Exception, action: str) -> Failure:
        """Classifies an error. action: the IAM action that was tried."""
        found = classify(error)
        if isinstance(found, Misconfigured) and self.guardrail:
            if "guardrail" in found.message.lower():
                return self.guardrail.failure(error)
        return failure(error, action, self.model_id)


@contextmanager
def measured(model_id: str, pool: Pool) -> Iterator[None]:
    """Counts the call in the block, how it ends, and its time unless it was refused.

    The time of a call that broke off counts: an incident in which all time out is a slow one.
    """
    where = {"ModelId": model_id, "Pool": pool.name}
    metrics.BEDROCK_CALLS.record(**where)
    begun = time.monotonic()
    try:
        yield
    except Throttled:
        metrics.BEDROCK_THROTTLES.record(**where)
        raise
    except Failure as error:
        metrics.BEDROCK_ERRORS.record(Code=error.code, **where)
        if isinstance(error, Temporary):
            metrics.INVOCATION_LATENCY.record(1000 * (time.monotonic() - begun), **where)
        raise
    metrics.INVOCATION_LATENCY.record(1000 * (time.monotonic() - begun), **where)


def failure(error: Exception, action: str, model_id: str) -> Failure:
    """Classifies an error of a call. action: the IAM action that was tried."""
    found = classify(error)
    if isinstance(error, ClientError) and found.code == "ValidationException":
        if "too long" in found.message.lower():
            return Rejected("input_too_long", found.message)
        why = f"(model {model_id}: ended, unknown or not enabled)"
        return Misconfigured(found.code, f"{found.message} {why}")
    if isinstance(found, Misconfigured):
        return Misconfigured(found.code, f"{action} on {model_id}: {found.message}")
    return found
