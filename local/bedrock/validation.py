"""Checks a request's body as Bedrock does, in its order and its words."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NoReturn

from local.bedrock.models import Model
from local.bedrock.prompt import Prompt
from local.bedrock.wire import BedrockError

VERSION = "bedrock-2023-05-31"
SAMPLING = ("temperature", "top_p", "top_k")
FIELDS = {"anthropic_version", "max_tokens", "messages", "metadata", "system", *SAMPLING}
# Real fields whose effect is not simulated: refused, so that nobody relies on them by mistake.
NOT_SIMULATED = {
    "anthropic_beta",
    "output_config",
    "stop_sequences",
    "thinking",
    "tool_choice",
    "tools",
}


@dataclass(frozen=True)
class Request:
    """A valid request."""

    prompt: Prompt
    max_tokens: int


def parse(body: bytes, model: Model) -> Request:
    """Raises BedrockError (ValidationException) for a body the model would refuse."""
    found = fields(body)
    _check_names(found)
    _check_version(found.get("anthropic_version"))
    max_tokens = _max_tokens(found.get("max_tokens"), model)
    _check_sampling(found, model)
    messages = _messages(found.get("messages"))
    system = _texts(found["system"], "system") if "system" in found else []
    texts = [text for message in messages for text in message]
    # Roles alternate and start with the user, so the user's messages are every second one.
    question = "\n".join(messages[0::2][-1])
    return Request(Prompt([*system, *texts], len(messages), question), max_tokens)


def fields(body: bytes) -> dict[str, Any]:
    """What a body has by name. Raises BedrockError for one that is no JSON object."""
    try:
        found = json.loads(body)
    except ValueError:
        refuse("Malformed input request, please reformat your input and try again.")
    if not isinstance(found, dict):
        refuse("Malformed input request: expected an object, please reformat your input.")
    return found


def refuse(message: str) -> NoReturn:
    raise BedrockError("ValidationException", message)


def _check_names(fields: dict[str, Any]) -> None:
    for name in fields.keys() - FIELDS:
        if name in NOT_SIMULATED:
            refuse(f"{name}: not supported by the simulator")
        refuse(f"{name}: Extra inputs are not permitted")


def _check_version(version: object) -> None:
    if version is None:
        refuse("anthropic_version: Field required")
    if version != VERSION:
        refuse(f"anthropic_version: Input should be '{VERSION}'")


def _max_tokens(value: object, model: Model) -> int:
    if value is None:
        refuse("max_tokens: Field required")
    if not isinstance(value, int) or isinstance(value, bool):
        refuse("max_tokens: Input should be a valid integer")
    if value < 1:
        refuse("max_tokens: Input should be greater than or equal to 1")
    if value > model.max_output:
        refuse(
            f"max_tokens: {value} > {model.max_output}, which is the maximum allowed number of "
            f"output tokens for {model.name}"
        )
    return value


def _check_sampling(fields: dict[str, Any], model: Model) -> None:
    for name in SAMPLING:
        if name in fields and not model.sampling:
            refuse(f"`{name}` is not supported by this model.")
    temperature = fields.get("temperature", 1)
    if not isinstance(temperature, int | float) or not 0 <= temperature <= 1:
        refuse("temperature: Input should be a number from 0 to 1")


def _messages(value: object) -> list[list[str]]:
    """The texts of each message."""
    if not isinstance(value, list):
        refuse("messages: Field required")
    if not value:
        refuse("messages: at least one message is required")
    _check_roles([message.get("role") if isinstance(message, dict) else None for message in value])
    return [
        _texts(message.get("content"), f"messages.{index}.content")
        for index, message in enumerate(value)
    ]


def _check_roles(roles: Sequence[object]) -> None:
    for index, role in enumerate(roles):
        if role not in ("user", "assistant"):
            refuse(f"messages.{index}.role: Input should be 'user' or 'assistant'")
    if roles[0] != "user":
        refuse('messages: first message must use the "user" role')
    for before, role in pairwise(roles):
        if before == role:
            refuse(
                'messages: roles must alternate between "user" and "assistant", '
                f'but found multiple "{role}" roles in a row'
            )


def _texts(content: object, where: str) -> list[str]:
    if isinstance(content, str):
        content = [{"type": "text", "text": content}]
    if not isinstance(content, list) or not content:
        refuse(f"{where}: all messages must have non-empty content")
    return [_text(block, f"{where}.{index}") for index, block in enumerate(content)]


def _text(block: object, where: str) -> str:
    if not isinstance(block, dict) or block.get("type") != "text":
        refuse(f"{where}.type: Input should be 'text'")
    text = block.get("text")
    if not isinstance(text, str):
        refuse(f"{where}.text: Field required")
    if not text.strip():
        refuse("messages: text content blocks must contain non-whitespace text")
    return text
