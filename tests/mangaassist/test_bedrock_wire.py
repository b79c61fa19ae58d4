"""Errors of Bedrock are told as boto3 tells them, whatever the answer looks like."""

from __future__ import annotations

import json

import pytest
from botocore.exceptions import ClientError

from mangaassist import claude
from mangaassist.bedrock_wire import WHOLE, error_of, request_id, send
from tests.simulator import Simulator

BODY = json.dumps({
    "anthropic_version": "bedrock-2023-05-31",
    "max_tokens": 8,
    "messages": [{"role": "user", "content": "Hi"}],
}).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("status", "headers", "content", "code", "message"),
    [
        (429, {"x-amzn-errortype": "SlowDown:http://x/"}, b'{"message":"S"}', "SlowDown", "S"),
        (400, {}, b'{"__type":"com.amazonaws#Bad","Message":"No"}', "Bad", "No"),
        (503, {}, b"<html>", "503", "HTTP 503"),
        (500, {}, b"[]", "500", "HTTP 500"),
    ],
)
def test_an_error_has_its_code_and_message(
    status: int, headers: dict[str, str], content: bytes, code: str, message: str
) -> None:
    error = error_of(WHOLE, status, headers, content).response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)


def test_an_answer_has_the_id_that_support_asks_for(simulator: Simulator) -> None:
    assert request_id(send(WHOLE, claude.HAIKU_45, BODY, 5.0, {}))


def test_a_model_that_does_not_exist_is_refused(simulator: Simulator) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        send(WHOLE, "anthropic.claude-of-tomorrow", BODY, 5.0, {})
