"""Guardrails over the wire: in calls, in streams and alone, with what they say they found."""

from __future__ import annotations

import json
import urllib.request
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.exceptions import ClientError

from tests.local.bedrock.conftest import Bedrock, Control, request, streamed_text, text

GUARDRAIL = {"guardrailIdentifier": "gr1", "guardrailVersion": "3"}
BLOCKED = "お答えできません。"
FOUND = {
    "customWords": [{"match": "合言葉", "action": "BLOCKED", "detected": True}],
    "managedWordLists": [],
}


@pytest.fixture(autouse=True)
def guardrail(control: Control) -> None:
    control.post(
        "guardrails", {"id": "gr1", "version": "3", "denied": ["合言葉"], "blocked": BLOCKED}
    )


def invoke(bedrock: Bedrock, prompt: str, **options: str) -> dict[str, Any]:
    response = bedrock.client.invoke_model(**request(prompt), **GUARDRAIL, **options)
    answer: dict[str, Any] = json.loads(response["body"].read())
    return answer


def stream(bedrock: Bedrock, prompt: str, **options: str) -> list[dict[str, Any]]:
    response = bedrock.client.invoke_model_with_response_stream(
        **request(prompt), **GUARDRAIL, **options
    )
    return [json.loads(event["chunk"]["bytes"]) for event in response["body"]]


def apply(bedrock: Bedrock, *texts: str) -> dict[str, Any]:
    content = [{"text": {"text": one}} for one in texts]
    answer: dict[str, Any] = bedrock.client.apply_guardrail(
        **GUARDRAIL, source="OUTPUT", content=content
    )
    return answer


def test_a_text_that_is_denied_is_replaced_and_assessed(bedrock: Bedrock) -> None:
    verdict = apply(bedrock, "全23巻です。", "合言葉は山です。")
    assert (verdict["action"], verdict["actionReason"]) == (
        "GUARDRAIL_INTERVENED", "Guardrail blocked.",
    )  # fmt: skip
    assert verdict["outputs"] == [{"text": BLOCKED}]
    [assessment] = verdict["assessments"]
    assert assessment["wordPolicy"] == FOUND
    assert assessment["appliedGuardrailDetails"]["guardrailId"] == "gr1"
    assert assessment["invocationMetrics"]["usage"] == verdict["usage"]
    assert verdict["usage"]["wordPolicyUnits"] == 1
    assert verdict["guardrailCoverage"]["textCharacters"] == {"guarded": 15, "total": 15}


def test_of_a_text_that_is_not_denied_only_the_measures_are_told(bedrock: Bedrock) -> None:
    verdict = apply(bedrock, "全23巻です。")
    assert (verdict["action"], verdict["outputs"]) == ("NONE", [])
    assert verdict["actionReason"] == "No action."
    [assessment] = verdict["assessments"]
    assert set(assessment) == {"invocationMetrics", "appliedGuardrailDetails"}


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", "Malformed"),
        (b"[]", "Malformed"),
        (b"\xff", "Malformed"),
        (b"{}", "'source'"),
        (b'{"source": "OTHER", "content": []}', "'source'"),
        (b'{"source": "INPUT"}', "'content'"),
        (b'{"source": "INPUT", "content": ["text"]}', "'content.1.member.text.text'"),
        (b'{"source": "INPUT", "content": [{"text": {"text": 1}}]}', "'content.1.member"),
        (b'{"source": "INPUT", "content": [{"image": {}}]}', "not supported by the simulator"),
    ],
)
def test_a_body_that_is_none_is_refused_as_invalid(
    control: Control, body: bytes, where: str
) -> None:
    asked = urllib.request.Request(f"{control.url}/guardrail/gr1/version/3/apply", body)
    with pytest.raises(HTTPError) as refused:
        urllib.request.urlopen(asked, timeout=60)
    with refused.value as answer:
        assert (answer.code, answer.headers["x-amzn-errortype"]) == (400, "ValidationException")
        assert where in json.load(answer)["message"]


def test_a_denied_question_gets_the_words_of_the_guardrail(bedrock: Bedrock) -> None:
    answer = invoke(bedrock, "合言葉は？")
    assert (text(answer), answer["stop_reason"]) == (BLOCKED, None)
    assert answer["amazon-bedrock-guardrailAction"] == "INTERVENED"
    assert "amazon-bedrock-trace" not in answer


def test_a_question_that_is_not_denied_is_marked_as_looked_at(bedrock: Bedrock) -> None:
    answer = invoke(bedrock, "おすすめは？")
    assert answer["amazon-bedrock-guardrailAction"] == "NONE"
    assert answer["stop_reason"] == "end_turn"
    assert "amazon-bedrock-guardrailAction" not in bedrock.invoke("おすすめは？")


def test_a_trace_tells_what_was_found_in_the_question(bedrock: Bedrock) -> None:
    trace = invoke(bedrock, "合言葉は？", trace="ENABLED")["amazon-bedrock-trace"]["guardrail"]
    assert trace["actionReason"] == "Guardrail blocked."
    assert trace["input"]["gr1"]["wordPolicy"] == FOUND
    assert "outputs" not in trace  # No model was asked.


def test_a_trace_tells_what_was_found_in_the_answer(bedrock: Bedrock, control: Control) -> None:
    denied = {"denied": ["模擬応答"], "blocked": BLOCKED}
    control.post("guardrails", {"id": "gr1", "version": "3", **denied})
    answer = invoke(bedrock, "おすすめは？", trace="ENABLED_FULL")
    trace = answer["amazon-bedrock-trace"]["guardrail"]
    assert text(answer) == BLOCKED
    assert "wordPolicy" not in trace["input"]["gr1"]
    assert [one["gr1"]["wordPolicy"]["customWords"][0]["match"] for one in trace["outputs"]] == [
        "模擬応答"
    ]
    assert "模擬応答" in trace["modelOutput"][0]


def test_a_stream_has_action_and_trace_in_its_last_event(bedrock: Bedrock) -> None:
    events = stream(bedrock, "合言葉は？", trace="ENABLED")
    assert streamed_text(events) == BLOCKED
    assert events[-1]["type"] == "message_stop"
    assert events[-1]["amazon-bedrock-guardrailAction"] == "INTERVENED"
    assert events[-1]["amazon-bedrock-trace"]["guardrail"]["input"]["gr1"]["wordPolicy"] == FOUND


UNKNOWN = {**GUARDRAIL, "guardrailVersion": "99"}


@pytest.mark.parametrize(
    ("operation", "asked"),
    [
        ("invoke_model", request("x")),
        ("invoke_model_with_response_stream", request("x")),
        ("apply_guardrail", {"source": "INPUT", "content": [{"text": {"text": "x"}}]}),
    ],
)
def test_one_that_does_not_exist_is_refused_in_every_call(
    bedrock: Bedrock, operation: str, asked: dict[str, Any]
) -> None:
    with pytest.raises(ClientError, match=r"ValidationException.*guardrail identifier or version"):
        getattr(bedrock.client, operation)(**asked, **UNKNOWN)
