"""Calls Claude on Amazon Bedrock: one attempt, one answer, every failure classified."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from mangaassist import aws, claude, limiter, metrics
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled, classify
from mangaassist.metrics.registry import Metric
from mangaassist.pools import Pool
from mangaassist.tokens import calibration, estimate_prompt

LONGEST_READ = 25.0  # seconds; API Gateway gives up at 29
LEASE = 1.5  # of the read timeout; then the permit of a process that was killed is free again
TEMPERATURE = 0.3  # Catalogue texts should vary little between tries.

_read_timeout: ContextVar[float] = ContextVar("bedrock_read_timeout", default=LONGEST_READ)


@dataclass(frozen=True)
class Reply:
    """What the model answered. `text` joins all text blocks and may be empty."""

    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    request_id: str


def read_timeout(tokens: int) -> float:
    """How long to wait for an answer to a prompt of so many tokens, in seconds."""
    return min(LONGEST_READ, 10 + tokens / 1_000)


def invoke(
    model_id: str,
    system: str,
    messages: Sequence[Mapping[str, str]],
    max_tokens: int,
    *,
    pool: Pool,
    patience: float,
    begun: Callable[[], None] = lambda: None,
) -> Reply:
    """Sends one conversation when the limiter lets it, and waits for the whole answer.

    messages: alternating {"role", "content"}, user first and last; patience: seconds for the
    limiter; begun: called when the call really goes out. Raises a Failure at once, and Throttled
    `limiter_busy` when the call did not go out.
    """
    estimated = estimate_prompt(system, messages)
    longest = read_timeout(estimated)
    body = _body(model_id, system, messages, max_tokens)
    tokens = math.ceil(estimated * calibration(model_id).factor) + body["max_tokens"]
    lease = LEASE * longest
    with limiter.permit(model_id, pool, tokens, lease=lease, patience=patience) as permit:
        begun()
        with _measured(model_id, pool):
            reply = _ask(model_id, body, longest)
        permit.settle(claude.find(model_id).quota_tokens(reply.input_tokens, reply.output_tokens))
    _record_bill(model_id, pool, reply)
    calibration(model_id).observe(estimated, reply.input_tokens)
    return reply


def _ask(model_id: str, body: Mapping[str, Any], longest: float) -> Reply:
    token = _read_timeout.set(longest)
    try:
        response = _client().invoke_model(
            modelId=model_id,
            contentType="application/json",
            accept="application/json",
            body=json.dumps(body, ensure_ascii=False).encode(),
        )
        raw = response["body"].read()
    except Exception as error:
        raise _failure(error, model_id) from error
    finally:
        _read_timeout.reset(token)
    return _reply(raw, response["ResponseMetadata"]["RequestId"])


@contextmanager
def _measured(model_id: str, pool: Pool) -> Iterator[None]:
    """Counts the call in the block, how it ends, and its time unless it was refused.

    The time of a call that broke off counts: an incident in which all calls time out is a slow one.
    """
    _record(metrics.BEDROCK_CALLS, model_id, pool)
    begun = time.monotonic()
    try:
        yield
    except Throttled:
        _record(metrics.BEDROCK_THROTTLES, model_id, pool)
        raise
    except Failure as failure:
        metrics.BEDROCK_ERRORS.record(ModelId=model_id, Pool=pool.name, Code=failure.code)
        if isinstance(failure, Temporary):
            _record_time(model_id, pool, begun)
        raise
    _record_time(model_id, pool, begun)


def _record_time(model_id: str, pool: Pool, begun: float) -> None:
    _record(metrics.INVOCATION_LATENCY, model_id, pool, 1000 * (time.monotonic() - begun))


def _record_bill(model_id: str, pool: Pool, reply: Reply) -> None:
    cost = claude.find(model_id).cost(reply.input_tokens, reply.output_tokens)
    _record(metrics.CONTEXT_TOKENS, model_id, pool, reply.input_tokens)
    _record(metrics.INPUT_TOKENS, model_id, pool, reply.input_tokens)
    _record(metrics.OUTPUT_TOKENS, model_id, pool, reply.output_tokens)
    _record(metrics.COST_USD, model_id, pool, float(cost))


def _record(metric: Metric, model_id: str, pool: Pool, value: float = 1) -> None:
    metric.record(value, ModelId=model_id, Pool=pool.name)


def _body(
    model_id: str, system: str, messages: Sequence[Mapping[str, str]], max_tokens: int
) -> dict[str, Any]:
    model = claude.find(model_id)
    body: dict[str, Any] = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": min(max_tokens, model.max_output),
        "system": system,
        "messages": list(messages),
    }
    return body | {"temperature": TEMPERATURE} if model.sampling else body


def _reply(raw: bytes, request_id: str) -> Reply:
    try:
        message = json.loads(raw)
        blocks = message["content"]
        usage = message["usage"]
        return Reply(
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            stop_reason=message["stop_reason"] or "",
            input_tokens=usage["input_tokens"],
            output_tokens=usage["output_tokens"],
            request_id=request_id,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Temporary(
            "malformed_response", f"Bedrock's answer {request_id} is not a message: {error}"
        ) from error


def _failure(error: Exception, model_id: str) -> Failure:
    failure = classify(error)
    if isinstance(error, ClientError) and failure.code == "ValidationException":
        if "too long" in failure.message.lower():
            return Rejected("input_too_long", failure.message)
        return Misconfigured(
            failure.code, f"{failure.message} (model {model_id}: ended, unknown or not enabled)"
        )
    if isinstance(failure, Misconfigured):
        return Misconfigured(failure.code, f"bedrock:InvokeModel on {model_id}: {failure.message}")
    return failure


@cache
def _client() -> Any:
    client = aws.bedrock_runtime()
    client.meta.events.register("before-call.bedrock-runtime.*", _limit_read)
    return client


def _limit_read(context: dict[str, Any], **_: Any) -> None:
    # botocore reads this key for each call, so one client serves calls of different patience.
    context["read_timeout"] = _read_timeout.get()
