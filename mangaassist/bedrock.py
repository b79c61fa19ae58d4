"""Calls Claude on Amazon Bedrock: one attempt, one answer, every failure classified."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any

from botocore.exceptions import ClientError

from mangaassist import aws, claude
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, classify
from mangaassist.tokens import calibration, estimate_prompt

LONGEST_READ = 25.0  # seconds; API Gateway gives up at 29
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
    model_id: str, system: str, messages: Sequence[Mapping[str, str]], max_tokens: int
) -> Reply:
    """Sends one conversation and waits for the whole answer.

    messages: alternating {"role", "content"}, user first and last. Raises a Failure at once.
    """
    estimated = estimate_prompt(system, messages)
    token = _read_timeout.set(read_timeout(estimated))
    try:
        response = _client().invoke_model(
            modelId=model_id,
            contentType="application/json",
            accept="application/json",
            body=json.dumps(
                _body(model_id, system, messages, max_tokens), ensure_ascii=False
            ).encode(),
        )
        raw = response["body"].read()
    except Exception as error:
        raise _failure(error, model_id) from error
    finally:
        _read_timeout.reset(token)
    reply = _reply(raw, response["ResponseMetadata"]["RequestId"])
    calibration(model_id).observe(estimated, reply.input_tokens)
    return reply


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
