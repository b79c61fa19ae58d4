"""Asks the chat's guardrail about a text that is written already."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError

from mangaassist import aws
from mangaassist.bedrock_call import configured_guardrail

INTERVENED = "GUARDRAIL_INTERVENED"


def blocks(answer: str) -> bool:
    """Whether the guardrail would not let a shopper read it; without one, never.

    Raises a Failure, Misconfigured for a guardrail that does not exist or may not be asked.
    """
    guardrail = configured_guardrail()
    if guardrail is None:
        return False
    try:
        verdict = aws.bedrock_runtime().apply_guardrail(
            guardrailIdentifier=guardrail.id,
            guardrailVersion=guardrail.version,
            source="OUTPUT",
            content=[{"text": {"text": answer}}],
        )
    except (ClientError, BotoCoreError) as error:
        raise guardrail.failure(error) from error
    return bool(verdict["action"] == INTERVENED)
