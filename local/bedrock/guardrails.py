"""Guardrails of the account: what each denies, what it says instead, and how it accounts for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, NoReturn

from local.bedrock import tokens, validation
from local.bedrock.reply import Reply

IDENTIFIER = "x-amzn-bedrock-guardrailidentifier"
VERSION = "x-amzn-bedrock-guardrailversion"
TRACE = "x-amzn-bedrock-trace"
UNKNOWN = "The guardrail identifier or version provided in the request does not exist."
SOURCES = ("INPUT", "OUTPUT")
UNIT = 1_000  # characters
UNITS = (
    "topicPolicyUnits",
    "contentPolicyUnits",
    "wordPolicyUnits",
    "sensitiveInformationPolicyUnits",
    "sensitiveInformationPolicyFreeUnits",
    "contextualGroundingPolicyUnits",
)
LATENCY = 150  # milliseconds, as if it had taken them
REASONS = {True: "Guardrail blocked.", False: "No action."}


@dataclass(frozen=True)
class Guardrail:
    """denied: words that neither a question nor an answer may have; blocked: said instead.

    after: tokens of the answer that have gone out by then, as with asynchronous streaming; the
    question is then not looked at.
    """

    id: str
    version: str
    denied: Sequence[str]
    blocked: str
    after: int = 0

    def judge(self, body: bytes) -> dict[str, Any]:
        """Answers ApplyGuardrail. Raises BedrockError for a body that is none."""
        text = "".join(_texts(validation.fields(body)))
        words = self._found(text)
        return {
            "usage": _usage(text),
            "action": "GUARDRAIL_INTERVENED" if words else "NONE",
            "actionReason": REASONS[bool(words)],
            "outputs": [{"text": self.blocked}] if words else [],
            "assessments": [self._assessment(text)],
            "guardrailCoverage": _coverage(text),
        }

    def over(self, said: str, reply: Reply, *, traced: bool) -> Reply:
        """What becomes of a model's reply to what was said: the same or another text, marked."""
        answer = "".join(reply.tokens)
        first = [] if self.after else self._found(said)
        denied = bool(first or self._found(answer))
        trace: dict[str, Any] = {"input": {self.id: self._assessment(said)}}
        if not first:
            trace["outputs"] = [{self.id: self._assessment(answer)}]
        if denied and not first:
            trace["modelOutput"] = [answer]
        marks: dict[str, Any] = {
            "amazon-bedrock-guardrailAction": "INTERVENED" if denied else "NONE"
        }
        if traced:
            marks["amazon-bedrock-trace"] = {"guardrail": trace | {"actionReason": REASONS[denied]}}
        if not denied:
            return replace(reply, marks=marks)
        instead = [*reply.tokens[: self.after], *tokens.split(self.blocked)]
        # A question that is denied reaches no model, which so has no reason to stop.
        return Reply(instead, None if first else "end_turn", marks=marks)

    def _found(self, text: str) -> list[str]:
        return [word for word in self.denied if word in text]

    def _assessment(self, text: str) -> dict[str, Any]:
        words = [
            {"match": word, "action": "BLOCKED", "detected": True} for word in self._found(text)
        ]
        policy = {"wordPolicy": {"customWords": words, "managedWordLists": []}} if words else {}
        return {
            **policy,
            "invocationMetrics": {
                "guardrailProcessingLatency": LATENCY,
                "usage": _usage(text),
                "guardrailCoverage": _coverage(text),
            },
            "appliedGuardrailDetails": {
                "guardrailId": self.id,
                "guardrailVersion": self.version,
                "guardrailOrigin": ["REQUEST"],
                "guardrailOwnership": "SELF",
            },
        }


class Guardrails:
    """Those of the account by identifier and version."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Guardrail] = {}

    def add(self, guardrail: Guardrail) -> None:
        self._known[guardrail.id, guardrail.version] = guardrail

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


def traced(headers: Mapping[str, str]) -> bool:
    """Whether a call asks to be told what its guardrail found."""
    return headers.get(TRACE, "").startswith("ENABLED")


def _texts(fields: Mapping[str, Any]) -> list[str]:
    """What ApplyGuardrail is to look at."""
    if fields.get("source") not in SOURCES:
        _violated("source", f"Member must satisfy enum value set: [{', '.join(SOURCES)}]")
    content = fields.get("content")
    if not isinstance(content, list):
        _violated("content", "Member must not be null")
    return [_text(block, f"content.{n}.member") for n, block in enumerate(content, 1)]


def _text(block: object, where: str) -> str:
    match block:
        case {"text": {"text": str(text)}}:
            return text
        case {"image": _}:
            validation.refuse(f"{where}.image: not supported by the simulator")
    _violated(f"{where}.text.text", "Member must not be null")


def _violated(where: str, constraint: str) -> NoReturn:
    found = f"Value at '{where}' failed to satisfy constraint: {constraint}"
    validation.refuse(f"1 validation error detected: {found}")


def _usage(text: str) -> dict[str, int]:
    return dict.fromkeys(UNITS, 0) | {"wordPolicyUnits": ceil(len(text) / UNIT)}


def _coverage(text: str) -> dict[str, Any]:
    return {"textCharacters": {"guarded": len(text), "total": len(text)}}
