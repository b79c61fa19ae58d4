"""What every call asks for: a guardrail where one is configured, no more than the model gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mangaassist import claude
from mangaassist.bedrock_call import Call, Guardrail, configured_guardrail
from mangaassist.pools import WEBSOCKET

MESSAGES = [{"role": "user", "content": "こんにちは"}]


def asked(model: str = claude.HAIKU_45, guardrail: Guardrail | None = None) -> Call:
    return Call(model, WEBSOCKET, "Be brief.", MESSAGES, 10**9, guardrail)


def test_a_guardrail_goes_with_the_call() -> None:
    assert asked(guardrail=Guardrail("g1", "3")).headers == {
        "X-Amzn-Bedrock-GuardrailIdentifier": "g1",
        "X-Amzn-Bedrock-GuardrailVersion": "3",
    }
    assert asked().headers == {}


def test_the_guardrail_is_that_of_the_settings(settings: Any) -> None:
    settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION = "g1", "3"
    assert configured_guardrail() == Guardrail("g1", "3")
    settings.GUARDRAIL_ID = ""
    assert configured_guardrail() is None


@pytest.mark.parametrize(("model", "samples"), [(claude.HAIKU_45, True), (claude.HAIKU_55, False)])
def test_a_body_has_what_its_model_takes(model: str, samples: bool) -> None:
    body = json.loads(asked(model).body)
    assert ("temperature" in body) == samples
    assert body["max_tokens"] == claude.MODELS[model].max_output
