from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.bedrock.conftest import (
    HAIKU,
    Bedrock,
    Control,
    request,
    streamed_text,
    text,
)

HAIKU_3 = "anthropic.claude-3-haiku-20240307-v1:0"
HAIKU_55 = "anthropic.claude-haiku-5-5"


def count_tokens(client: Any, model: str = HAIKU, prompt: str = "こんにちは") -> int:
    body = request(prompt)["body"].encode()
    response = client.count_tokens(modelId=model, input={"invokeModel": {"body": body}})
    count: int = response["inputTokens"]
    return count


def test_a_message_has_the_shape_of_claude(bedrock: Bedrock) -> None:
    answer = bedrock.invoke("こんにちは")

    assert answer["type"] == "message"
    assert answer["role"] == "assistant"
    assert answer["model"] == "claude-haiku-4-5-20251001"
    assert answer["stop_reason"] == "end_turn"
    assert answer["stop_sequence"] is None


def test_usage_is_in_the_message_and_in_the_headers(bedrock: Bedrock) -> None:
    response = bedrock.client.invoke_model(**request("こんにちは"))

    usage = json.loads(response["body"].read())["usage"]
    headers = response["ResponseMetadata"]["HTTPHeaders"]
    assert int(headers["x-amzn-bedrock-input-token-count"]) == usage["input_tokens"] > 0
    assert int(headers["x-amzn-bedrock-output-token-count"]) == usage["output_tokens"] > 0
    assert int(headers["x-amzn-bedrock-invocation-latency"]) >= 0


def test_a_stream_has_the_events_of_claude_in_order(bedrock: Bedrock) -> None:
    types = [event["type"] for event in bedrock.stream("こんにちは")]

    assert types[:2] == ["message_start", "content_block_start"]
    assert set(types[2:-3]) == {"content_block_delta"}
    assert types[-3:] == ["content_block_stop", "message_delta", "message_stop"]


def test_a_stream_says_what_the_whole_message_says(bedrock: Bedrock) -> None:
    assert streamed_text(list(bedrock.stream("こんにちは"))) == text(bedrock.invoke("こんにちは"))


def test_a_stream_ends_with_the_metrics_of_the_service(bedrock: Bedrock) -> None:
    events = list(bedrock.stream("こんにちは"))

    metrics = events[-1]["amazon-bedrock-invocationMetrics"]
    assert metrics["inputTokenCount"] == events[0]["message"]["usage"]["input_tokens"]
    assert metrics["outputTokenCount"] == events[-2]["usage"]["output_tokens"]
    assert metrics.keys() >= {"invocationLatency", "firstByteLatency"}


def test_tokens_arrive_before_the_answer_is_finished(control: Control, impatient: Bedrock) -> None:
    control.fault(fault="hang", at_token=3)

    with closing(impatient.stream("こんにちは")) as stream:
        types = [next(stream)["type"] for _ in range(5)]

    assert types[2:] == ["content_block_delta"] * 3


def test_tokens_are_counted_without_being_generated(bedrock: Bedrock, control: Control) -> None:
    assert count_tokens(bedrock.client) == bedrock.invoke("こんにちは")["usage"]["input_tokens"]
    assert control.get("stats")["calls"] == 1


def test_counting_tokens_refuses_inference_profiles(bedrock: Bedrock) -> None:
    with pytest.raises(bedrock.client.exceptions.ValidationException):
        count_tokens(bedrock.client, model=f"us.{HAIKU}")


@pytest.mark.parametrize("geography", ["us", "eu", "jp", "au", "apac", "global"])
def test_an_inference_profile_reaches_its_model(bedrock: Bedrock, geography: str) -> None:
    answer = bedrock.invoke("Hello", model=f"{geography}.{HAIKU}")

    assert answer["model"] == "claude-haiku-4-5-20251001"


@pytest.mark.parametrize("model", ["anthropic.claude-2", HAIKU_3])
def test_unknown_and_ended_models_are_refused(bedrock: Bedrock, model: str) -> None:
    with pytest.raises(ClientError, match="The provided model identifier is invalid"):
        bedrock.invoke("Hello", model=model)


def test_an_ended_model_answers_once_its_end_is_lifted(bedrock: Bedrock, control: Control) -> None:
    control.post("models", {"ended": []})
    try:
        assert bedrock.invoke("Hello", model=HAIKU_3)["model"] == "claude-3-haiku-20240307"
    finally:
        control.post("models", {"ended": [HAIKU_3, "anthropic.claude-3-sonnet-20240229-v1:0"]})


def test_max_tokens_cuts_the_answer(bedrock: Bedrock) -> None:
    whole = text(bedrock.invoke("こんにちは"))

    answer = bedrock.invoke("こんにちは", max_tokens=7)

    assert answer["stop_reason"] == "max_tokens"
    assert answer["usage"]["output_tokens"] == 7
    assert whole.startswith(text(answer))


def test_max_tokens_cuts_a_stream(bedrock: Bedrock) -> None:
    events = list(bedrock.stream("こんにちは", max_tokens=7))

    assert events[-2]["delta"]["stop_reason"] == "max_tokens"
    assert [event["type"] for event in events].count("content_block_delta") == 7


def user(content: object) -> dict[str, object]:
    return {"role": "user", "content": content}


def assistant(content: object) -> dict[str, object]:
    return {"role": "assistant", "content": content}


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"anthropic_version": None}, "anthropic_version: Field required"),
        ({"anthropic_version": "2023-06-01"}, "anthropic_version: Input should be"),
        ({"max_tokens": None}, "max_tokens: Field required"),
        ({"max_tokens": 0}, "greater than or equal to 1"),
        ({"max_tokens": "many"}, "valid integer"),
        ({"max_tokens": 64_001}, "64001 > 64000"),
        ({"messages": None}, "messages: Field required"),
        ({"messages": []}, "at least one message is required"),
        ({"messages": [assistant("hi")]}, 'first message must use the "user" role'),
        ({"messages": [user("a"), user("b")]}, "roles must alternate"),
        ({"messages": [{"role": "system", "content": "a"}]}, "'user' or 'assistant'"),
        ({"messages": [user("  ")]}, "non-whitespace"),
        ({"messages": [user([])]}, "non-empty content"),
        ({"messages": [user([{"type": "text"}])]}, "text: Field required"),
        ({"messages": [user([{"type": "image"}])]}, "should be 'text'"),
        ({"system": ""}, "non-whitespace"),
        ({"temperature": 2}, "number from 0 to 1"),
        ({"stream": True}, "stream: Extra inputs are not permitted"),
        ({"tools": []}, "tools: not supported by the simulator"),
    ],
)
def test_a_bad_request_is_refused(bedrock: Bedrock, fields: dict[str, Any], message: str) -> None:
    valid = json.loads(request("Hello")["body"])
    body = {name: value for name, value in {**valid, **fields}.items() if value is not None}

    with pytest.raises(bedrock.client.exceptions.ValidationException, match=message):
        bedrock.client.invoke_model(modelId=HAIKU, body=json.dumps(body))


@pytest.mark.parametrize("body", ["{", "[]"])
def test_a_body_that_is_no_object_is_refused(bedrock: Bedrock, body: str) -> None:
    with pytest.raises(bedrock.client.exceptions.ValidationException, match="Malformed input"):
        bedrock.client.invoke_model(modelId=HAIKU, body=body)


def test_a_model_without_sampling_refuses_a_temperature(bedrock: Bedrock) -> None:
    with pytest.raises(bedrock.client.exceptions.ValidationException, match="temperature"):
        bedrock.invoke("Hello", model=HAIKU_55, temperature=0.2)


def test_a_model_with_sampling_takes_a_temperature(bedrock: Bedrock) -> None:
    assert bedrock.invoke("Hello", temperature=0.2)["stop_reason"] == "end_turn"


def test_a_hundred_calls_run_at_the_same_time(bedrock: Bedrock, control: Control) -> None:
    control.post("latency", {"fixed": 3.0})
    prompts = [f"<title><id>C{number}</id></title>" for number in range(100)]

    with ThreadPoolExecutor(max_workers=100) as threads:
        answers = list(threads.map(bedrock.invoke, prompts))

    stats = control.get("stats")
    assert len(answers) == 100
    assert stats["peak"] > 50  # A busy client may begin the last when the first have ended.
    assert stats["active"] == 0
    assert set(stats["by_prompt"].values()) == {1}
