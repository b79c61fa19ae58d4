"""One answer for one title: the model's call, the check of what it says, and at most one repair."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from enrichment.answers import Answer, BadAnswer, check
from enrichment.models import Job, Title
from enrichment.prompts import Message, Prompt, render, repair
from enrichment.store import Usage
from mangaassist import bedrock, claude
from mangaassist.errors import Failure, request_id
from mangaassist.pools import ENRICHMENT

PATIENCE = 5.0  # seconds to wait for the quota; an item that waits longer leaves its thread


class Meter:
    """Adds up what the calls of one delivery used, also when the delivery fails later."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        self.usage = Usage()

    def begin(self) -> None:
        self._add(Usage(calls=1))

    def charge(self, reply: bedrock.Reply) -> None:
        cost = claude.find(self.model_id).cost(reply.input_tokens, reply.output_tokens)
        self._add(Usage(0, reply.input_tokens, reply.output_tokens, cost, reply.request_id))

    def fail(self, failure: Failure) -> None:
        """Notes which call it was that failed, if it reached AWS."""
        self._add(Usage(request_id=request_id(failure)))

    def _add(self, more: Usage) -> None:
        now = self.usage
        self.usage = Usage(
            now.calls + more.calls,
            now.input_tokens + more.input_tokens,
            now.output_tokens + more.output_tokens,
            now.cost + more.cost,
            more.request_id or now.request_id,
        )


def compose(title: Title, job: Job, meter: Meter) -> dict[str, Any]:
    """The draft for a title, as JSON: results by kind and language, and their provenance.

    Raises what `bedrock.invoke` raises, Refused, or BadAnswer when the repair did not help either.
    """
    prompt = render(title, job.kinds, job.languages)
    reply = _ask(prompt, prompt.messages, meter)
    try:
        answer = check(prompt, reply.text, reply.stop_reason)
    except BadAnswer as bad:
        second = _ask(prompt, repair(prompt, reply.text, bad.problems), meter)
        answer = check(prompt, second.text, second.stop_reason)
    return _draft(answer, prompt, meter)


def _ask(prompt: Prompt, messages: Sequence[Message], meter: Meter) -> bedrock.Reply:
    try:
        reply = bedrock.invoke(
            meter.model_id, prompt.system, messages, prompt.max_tokens,
            pool=ENRICHMENT, patience=PATIENCE, begun=meter.begin,
        )  # fmt: skip
    except Failure as failure:
        meter.fail(failure)
        raise
    meter.charge(reply)
    return reply


def _draft(answer: Answer, prompt: Prompt, meter: Meter) -> dict[str, Any]:
    used = asdict(meter.usage)
    return {
        "results": answer.values,
        "provenance": {
            "model": meter.model_id,
            "prompt_version": prompt.version,
            "input_hash": prompt.input_hash,
            "input_tokens": used["input_tokens"],
            "output_tokens": used["output_tokens"],
            "cost": str(used["cost"]),
        },
    }
