"""Calls Claude on Amazon Bedrock: one attempt, one answer, every failure classified."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from mangaassist import limiter
from mangaassist.bedrock_call import INTERVENED, Call, Guardrail, intervened
from mangaassist.bedrock_wire import WHOLE, request_id
from mangaassist.errors import Temporary
from mangaassist.pools import Pool

LEASE = 1.5  # of the read timeout; then the permit of a process that was killed is free again


@dataclass(frozen=True)
class Reply:
    """What the model answered. `text` joins all text blocks and may be empty."""

    text: str
    stop_reason: str
    input_tokens: int
    output_tokens: int
    request_id: str


def invoke(
    model_id: str,
    system: str,
    messages: Sequence[Mapping[str, str]],
    max_tokens: int,
    *,
    pool: Pool,
    patience: float,
    guardrail: Guardrail | None = None,
    begun: Callable[[], None] = lambda: None,
) -> Reply:
    """Sends one conversation when the limiter lets it, and waits for the whole answer.

    messages: alternating {"role", "content"}, user first and last; patience: seconds for the
    limiter; begun: called when the call really goes out. Raises a Failure at once, and Throttled
    `limiter_busy` when the call did not go out.
    """
    call = Call(model_id, pool, system, messages, max_tokens, guardrail)
    longest = call.patience
    lease = LEASE * longest
    with limiter.permit(model_id, pool, call.reserved, lease=lease, patience=patience) as permit:
        begun()
        with call.measured():
            reply = _ask(call, longest)
        permit.settle(call.model.quota_tokens(reply.input_tokens, reply.output_tokens))
    call.record_bill(reply.input_tokens, reply.output_tokens)
    call.learn(reply.input_tokens)
    return reply


def _ask(call: Call, longest: float) -> Reply:
    try:
        with call.sent(WHOLE, longest) as answer:
            raw = answer.whole()
    except Exception as error:
        raise call.failure(error, "bedrock:InvokeModel") from error
    return _reply(raw, request_id(answer))


def _reply(raw: bytes, request_id: str) -> Reply:
    try:
        message = json.loads(raw)
        blocks = message["content"]
        usage = message["usage"]
        return Reply(
            text="".join(block["text"] for block in blocks if block["type"] == "text"),
            stop_reason=INTERVENED if intervened(message) else message["stop_reason"] or "",
            input_tokens=usage["input_tokens"],
            output_tokens=usage["output_tokens"],
            request_id=request_id,
        )
    except (ValueError, KeyError, TypeError) as error:
        raise Temporary(
            "malformed_response", f"Bedrock's answer {request_id} is not a message: {error}"
        ) from error
