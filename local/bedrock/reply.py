"""A model's reply in Claude's own words: one message, or the events that build it up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import cycle, islice
from typing import Any

from local.bedrock import tokens
from local.bedrock.answers import answer
from local.bedrock.faults import SHAPES, Fault
from local.bedrock.validation import Request
from local.bedrock.wire import chunk, dumps

TOOL = {"type": "tool_use", "id": "toolu_bdrk_simulated", "name": "simulated_tool", "input": {}}


def _events(*events: dict[str, Any]) -> bytes:
    return b"".join(chunk(dumps(event)) for event in events)


def _block_start(block: dict[str, Any]) -> bytes:
    return _events({"type": "content_block_start", "index": 0, "content_block": block})


TEXT_START = _block_start({"type": "text", "text": ""})
TOOL_START = _block_start(TOOL)
BLOCK_STOP = _events({"type": "content_block_stop", "index": 0})


@dataclass(frozen=True)
class Size:
    """How long answers of chat are, None for as long as they come, and how streams are cut."""

    tokens: int | None = None
    per_event: int = 1


@dataclass(frozen=True)
class Reply:
    """What the model writes, token by token, and why it stops; without tokens it has no content."""

    tokens: Sequence[str]
    stop_reason: str | None = "end_turn"
    stop_sequence: str | None = None
    marks: Mapping[str, Any] = field(default_factory=dict)  # of the guardrail, in Bedrock's names

    @property
    def content(self) -> list[dict[str, Any]]:
        if self.stop_reason == "tool_use":
            return [TOOL]
        return [{"type": "text", "text": "".join(self.tokens)}] if self.tokens else []

    @property
    def stop(self) -> dict[str, Any]:
        return {"stop_reason": self.stop_reason, "stop_sequence": self.stop_sequence}

    def message(self, head: dict[str, Any], input_tokens: int) -> bytes:
        """The whole message; `head` identifies it and its model."""
        usage = {"input_tokens": input_tokens, "output_tokens": len(self.tokens)}
        message = {**head, "content": self.content, **self.stop, "usage": usage}
        return dumps({**message, **self.marks})

    def opening(self, head: dict[str, Any], input_tokens: int) -> bytes:
        usage = {"input_tokens": input_tokens, "output_tokens": 1}
        nothing: dict[str, Any] = {
            "content": [],
            "stop_reason": None,
            "stop_sequence": None,
            "usage": usage,
        }
        return _events({"type": "message_start", "message": {**head, **nothing}}) + self._block()

    def delta(self, text: str) -> bytes:
        return _delta(text, of_tool=self.stop_reason == "tool_use")

    def closing(self, metrics: dict[str, int]) -> bytes:
        """The end of the stream; `metrics` are the service's own, milliseconds and tokens."""
        usage = {"output_tokens": len(self.tokens)}
        return (BLOCK_STOP if self.tokens else b"") + _events(
            {"type": "message_delta", "delta": self.stop, "usage": usage},
            {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics, **self.marks},
        )

    def _block(self) -> bytes:
        if not self.tokens:
            return b""
        return TOOL_START if self.stop_reason == "tool_use" else TEXT_START


def write(request: Request, fault: Fault | None, length: int | None = None) -> Reply:
    """The reply to a request, spoilt as the fault says and never longer than max_tokens.

    length: tokens of a chat answer, which is repeated and cut for them.
    """
    kind = fault.fault if fault else None
    if kind == "empty":
        return Reply([])
    text = answer(request.prompt, kind if kind in SHAPES else None)
    if fault and kind == "malformed" and fault.value == "text":
        text = text[: len(text) // 2]
    written = tokens.split(text)
    if length is not None and request.prompt.schema is None:
        written = list(islice(cycle(written), length))
    reply = _stopped(written, fault.value if fault and kind == "stop_reason" else None)
    if len(reply.tokens) > request.max_tokens:
        return Reply(reply.tokens[: request.max_tokens], "max_tokens")
    return reply


def _stopped(written: Sequence[str], reason: str | None) -> Reply:
    match reason:
        case None:
            return Reply(written)
        case "refusal":
            return Reply([], reason)
        case "tool_use":
            return Reply(["{}"], reason)
        case "stop_sequence":
            return Reply(written, reason, "</answer>")
        case "max_tokens" | "model_context_window_exceeded":
            return Reply(written[: len(written) // 2], reason)
    return Reply(written, reason)


# Answers repeat themselves, and such events are most of what is sent.
@lru_cache(maxsize=4_096)
def _delta(text: str, *, of_tool: bool) -> bytes:
    if of_tool:
        delta = {"type": "input_json_delta", "partial_json": text}
    else:
        delta = {"type": "text_delta", "text": text}
    return _events({"type": "content_block_delta", "index": 0, "delta": delta})
