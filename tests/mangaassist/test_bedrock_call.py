"""What every call asks for: a guardrail where one is configured, no more than the model gives."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mangaassist import claude
from mangaassist.bedrock_call import Call, Guardrail, configured_guardrail
from mangaassist.pools import WEBSOCKET

MESSAGES = [{"role": "user", "content": "こんにちは"}]


def request(model: str = claude.HAIKU_45, guardrail: Guardrail | None = None) -> dict[str, object]:
    return Call(model, WEBSOCKET, "Be brief.", MESSAGES, 10**9, guardrail).request()


def test_a_guardrail_goes_with_the_call() -> None:
    asked = request(guardrail=Guardrail("g1", "3"))
    assert (asked["guardrailIdentifier"], asked["guardrailVersion"]) == ("g1", "3")
    assert "guardrailIdentifier" not in request()


def test_the_guardrail_is_that_of_the_settings(settings: Any) -> None:
    settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION = "g1", "3"
    assert configured_guardrail() == Guardrail("g1", "3")
    settings.GUARDRAIL_ID = ""
    assert configured_guardrail() is None


@pytest.mark.parametrize(("model", "samples"), [(claude.HAIKU_45, True), (claude.HAIKU_55, False)])
def test_a_body_has_what_its_model_takes(model: str, samples: bool) -> None:
    body = json.loads(request(model)["body"])  # type: ignore[arg-type]
    assert ("temperature" in body) == samples
    assert body["max_tokens"] == claude.MODELS[model].max_output
