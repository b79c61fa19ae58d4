"""Guardrails of the account: what each denies, and what it says instead."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.bedrock import validation

IDENTIFIER = "x-amzn-bedrock-guardrailidentifier"
VERSION = "x-amzn-bedrock-guardrailversion"
UNKNOWN = "The guardrail identifier or version provided in the request does not exist."


@dataclass(frozen=True)
class Guardrail:
    """denied: words that neither a question nor an answer may have; blocked: said instead.

    after: tokens of the answer that have gone out by then, as with asynchronous streaming.
    """

    denied: Sequence[str]
    blocked: str
    after: int = 0

    def denies(self, text: str) -> bool:
        return any(word in text for word in self.denied)

    def judge(self, body: bytes) -> dict[str, Any]:
        """Answers ApplyGuardrail."""
        parts = json.loads(body)["content"]
        denied = any(self.denies(part["text"]["text"]) for part in parts)
        return {
            "usage": {"wordPolicyUnits": len(parts)},
            "action": "GUARDRAIL_INTERVENED" if denied else "NONE",
            "outputs": [{"text": self.blocked}] if denied else [],
            "assessments": [],
        }


class Guardrails:
    """Those of the account by identifier and version."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Guardrail] = {}

    def add(self, identifier: str, version: str, guardrail: Guardrail) -> None:
        self._known[identifier, version] = guardrail

    def clear(self) -> None:
        self._known.clear()

    def of(self, headers: Mapping[str, str]) -> Guardrail | None:
        """The one that a call names. Raises BedrockError for one that does not exist."""
        if IDENTIFIER not in headers:
            return None
        return self.find(headers[IDENTIFIER], headers.get(VERSION, ""))

    def find(self, identifier: str, version: str) -> Guardrail:
        """Raises BedrockError for one that does not exist."""
        found = self._known.get((identifier, version))
        if found is None:
            validation.refuse(UNKNOWN)
        return found
