from __future__ import annotations

import json
from contextlib import closing

import pytest
from botocore.exceptions import (
    ClientError,
    EventStreamError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from urllib3.exceptions import ProtocolError

from tests.local.bedrock.conftest import Bedrock, Control, request, streamed_text, text

UNARY_ERRORS = {
    "AccessDeniedException": 403,
    "InternalServerException": 500,
    "ModelErrorException": 424,
    "ModelNotReadyException": 429,
    "ModelTimeoutException": 408,
    "ResourceNotFoundException": 404,
    "ServiceQuotaExceededException": 400,
    "ServiceUnavailableException": 503,
    "ThrottlingException": 429,
    "ValidationException": 400,
}
STREAM_ERRORS = [
    "internalServerException",
    "modelStreamErrorException",
    "modelTimeoutException",
    "serviceUnavailableException",
    "throttlingException",
    "validationException",
]


def test_every_error_of_the_service_model_can_be_asked_for(bedrock: Bedrock) -> None:
    operation = bedrock.client.meta.service_model.operation_model("InvokeModelWithResponseStream")

    modelled = {shape.name for shape in operation.error_shapes}

    assert modelled == {*UNARY_ERRORS, "ModelStreamErrorException"}


def test_every_error_of_a_stream_can_be_asked_for(bedrock: Bedrock) -> None:
    operation = bedrock.client.meta.service_model.operation_model("InvokeModelWithResponseStream")

    members = operation.output_shape.members["body"].members

    assert set(members) == {"chunk", *STREAM_ERRORS}


@pytest.mark.parametrize(("name", "status"), UNARY_ERRORS.items())
def test_an_error_becomes_its_boto3_class(
    bedrock: Bedrock, control: Control, name: str, status: int
) -> None:
    control.fault(fault=name, message="on purpose")

    with pytest.raises(getattr(bedrock.client.exceptions, name), match="on purpose") as raised:
        bedrock.invoke("Hello")

    assert raised.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_an_error_can_come_instead_of_a_stream(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="ModelStreamErrorException")

    with pytest.raises(bedrock.client.exceptions.ModelStreamErrorException):
        next(bedrock.stream("Hello"))


@pytest.mark.parametrize("code", STREAM_ERRORS)
def test_an_error_can_come_in_the_middle_of_a_stream(
    bedrock: Bedrock, control: Control, code: str
) -> None:
    control.fault(fault=code[0].upper() + code[1:], at_token=2)
    events = []

    with pytest.raises(EventStreamError) as raised:
        for event in bedrock.stream("Hello"):
            events.append(event)

    assert raised.value.response["Error"]["Code"] == code
    assert [event["type"] for event in events[2:]] == ["content_block_delta"] * 2


def test_a_hanging_call_never_answers(impatient: Bedrock, control: Control) -> None:
    control.fault(fault="hang")

    with pytest.raises(ReadTimeoutError):
        impatient.invoke("Hello")


def test_a_slow_call_answers_late(impatient: Bedrock, bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="slow", seconds=0.7, times=2)

    assert bedrock.invoke("Hello")["stop_reason"] == "end_turn"
    with pytest.raises(ReadTimeoutError):
        impatient.invoke("Hello")


def test_a_cut_message_is_incomplete(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="cut")
    response = bedrock.client.invoke_model(**request("Hello"))

    with closing(response["body"]), pytest.raises(ResponseStreamingError):
        response["body"].read()


def test_a_cut_stream_breaks_after_some_tokens(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="cut", at_token=2)
    events = []

    with pytest.raises(ProtocolError):
        for event in bedrock.stream("Hello"):
            events.append(event)

    assert len(events) == 4


def test_a_silent_end_leaves_the_message_open(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="silent_end")

    types = [event["type"] for event in bedrock.stream("Hello")]

    assert types[-1] == "content_block_delta"


def test_a_malformed_body_is_no_json(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="malformed", value="body")

    with pytest.raises(json.JSONDecodeError):
        bedrock.invoke("Hello")


def test_a_malformed_stream_carries_no_json(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="malformed")

    with pytest.raises(json.JSONDecodeError):
        list(bedrock.stream("Hello"))


def test_a_malformed_text_is_no_json(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="malformed", value="text")
    schema = {"type": "object", "properties": {"pitch_ja": {"type": "string"}}}

    answer = bedrock.invoke(f"<schema>{json.dumps(schema)}</schema>")

    with pytest.raises(json.JSONDecodeError):
        json.loads(text(answer))


def test_an_empty_answer_has_no_content(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="empty")

    assert bedrock.invoke("Hello")["content"] == []


def test_an_empty_stream_has_no_content(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="empty")

    types = [event["type"] for event in bedrock.stream("Hello")]

    assert types == ["message_start", "message_delta", "message_stop"]


@pytest.mark.parametrize(
    "reason",
    [
        "refusal",
        "max_tokens",
        "stop_sequence",
        "tool_use",
        "pause_turn",
        "model_context_window_exceeded",
    ],
)
def test_every_stop_reason_can_be_asked_for(
    bedrock: Bedrock, control: Control, reason: str
) -> None:
    control.fault(fault="stop_reason", value=reason)

    assert bedrock.invoke("Hello")["stop_reason"] == reason
    assert list(bedrock.stream("Hello"))[-2]["delta"]["stop_reason"] == reason


def test_a_tool_use_is_a_block_of_its_own(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="stop_reason", value="tool_use")

    assert [block["type"] for block in bedrock.invoke("Hello")["content"]] == ["tool_use"]


def test_a_rule_is_used_up(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="ServiceUnavailableException", times=1)

    with pytest.raises(ClientError):
        bedrock.invoke("Hello")
    assert bedrock.invoke("Hello")["stop_reason"] == "end_turn"


def test_a_rule_without_a_chance_never_strikes(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="ServiceUnavailableException", probability=0)

    assert bedrock.invoke("Hello")["stop_reason"] == "end_turn"


def test_cleared_rules_no_longer_strike(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="AccessDeniedException")
    control.delete("faults")

    assert bedrock.invoke("Hello")["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    "scope",
    [
        {"operation": "InvokeModelWithResponseStream"},
        {"model": "anthropic.claude-sonnet-4-6"},
        {"contains": "<id>C2</id>"},
    ],
)
def test_a_rule_strikes_only_what_it_names(
    bedrock: Bedrock, control: Control, scope: dict[str, str]
) -> None:
    control.fault(fault="AccessDeniedException", **scope)

    assert bedrock.invoke("<id>C1</id>")["stop_reason"] == "end_turn"


@pytest.mark.parametrize(
    "scope",
    [
        {"operation": "InvokeModel"},
        {"model": "jp.anthropic.claude-haiku-4-5-20251001-v1:0"},
        {"contains": "<id>C1</id>"},
    ],
)
def test_a_rule_strikes_what_it_names(
    bedrock: Bedrock, control: Control, scope: dict[str, str]
) -> None:
    control.fault(fault="AccessDeniedException", **scope)

    with pytest.raises(bedrock.client.exceptions.AccessDeniedException):
        bedrock.invoke("<id>C1</id>")


def test_counting_tokens_can_fail_too(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="ThrottlingException", operation="CountTokens")
    arguments = request("Hello")
    body = {"invokeModel": {"body": arguments["body"].encode()}}

    with pytest.raises(bedrock.client.exceptions.ThrottlingException):
        bedrock.client.count_tokens(modelId=arguments["modelId"], input=body)


def test_a_broken_stream_leaves_no_call_in_flight(bedrock: Bedrock, control: Control) -> None:
    control.fault(fault="silent_end", at_token=2)

    assert len(streamed_text(list(bedrock.stream("こんにちは")))) == 2
    stats = control.get("stats")
    assert (stats["active"], stats["output_tokens"]) == (0, 2)
