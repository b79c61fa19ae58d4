"""Asks the chat's guardrail about a text that is written already."""

from __future__ import annotations

from mangaassist.bedrock_call import client, configured_guardrail
from mangaassist.errors import naming

INTERVENED = "GUARDRAIL_INTERVENED"


def blocks(answer: str) -> bool:
    """Whether the guardrail would not let a shopper read it; without one, never.

    Raises a Failure, Misconfigured for a guardrail that does not exist or may not be asked.
    """
    guardrail = configured_guardrail()
    if guardrail is None:
        return False
    with naming("bedrock:ApplyGuardrail", f"guardrail {guardrail.id}"):
        verdict = client().apply_guardrail(
            guardrailIdentifier=guardrail.id,
            guardrailVersion=guardrail.version,
            source="OUTPUT",
            content=[{"text": {"text": answer}}],
        )
    return bool(verdict["action"] == INTERVENED)
