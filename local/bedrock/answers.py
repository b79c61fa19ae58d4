"""The text of an answer: a JSON object obeying the prompt's schema, or a few sentences of chat."""

from __future__ import annotations

import hashlib
import json
from random import Random
from typing import Any

from local.bedrock import phrases
from local.bedrock.chatting import chat
from local.bedrock.obedience import obey
from local.bedrock.prompt import Prompt
from local.bedrock.writing import Writer

TOO_LONG = 20  # times a chat answer is repeated
EXCESS = 40  # characters above maxLength
UNBOUNDED = 5_000  # characters, where the schema has no maxLength
LISTED = 100  # entries, where the schema has no maxItems

Schema = dict[str, Any]


def answer(prompt: Prompt, shape: str | None = None) -> str:
    """The answer, always the same for the same prompt; `shape` names what is wrong with it."""
    if shape == "obey":
        return obey(prompt)
    seed = hashlib.blake2b(prompt.text.encode(errors="replace"), digest_size=8).digest()
    random = Random(int.from_bytes(seed, "big"))
    swapped = shape == "wrong_language"
    schema = prompt.schema
    if schema is None:
        text = chat(prompt, random, swapped=swapped)
        if shape == "invent":
            return text + phrases.INVENTED[prompt.language]
        return text * TOO_LONG if shape == "too_long" else text
    writer = Writer(prompt, random, swapped=swapped)
    return json.dumps(writer.value(_deformed(schema, shape)), ensure_ascii=False)


def _deformed(schema: Schema, shape: str | None) -> Schema:
    """A schema whose obedient answers break the given one."""
    if shape == "too_long":
        return _lengthened(schema)
    return _flattened(schema) if shape == "bad_schema" else schema


def _lengthened(schema: Schema) -> Schema:
    """Asks for strings longer, and lists of more entries, than allowed."""
    if schema.get("type") == "string":
        length = schema.get("maxLength", UNBOUNDED) + EXCESS
        return {"type": "string", "minLength": length, "maxLength": length}
    if schema.get("type") == "array":
        entries = schema.get("maxItems", LISTED) + 1
        return {**schema, "minItems": entries, "maxItems": entries}
    if "properties" in schema:
        properties = {name: _lengthened(part) for name, part in schema["properties"].items()}
        return {**schema, "properties": properties}
    return schema


def _flattened(schema: Schema) -> Schema:
    """Leaves the first property out and asks for strings in the place of arrays."""
    string: Schema = {"type": "string"}
    properties = {
        name: string if part.get("type") == "array" else part
        for name, part in list(schema.get("properties", {}).items())[1:]
    }
    return {**schema, "properties": properties}
