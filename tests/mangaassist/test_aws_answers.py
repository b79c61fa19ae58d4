"""Errors of AWS are told as boto3 tells them, whatever the answer looks like."""

from __future__ import annotations

import pytest

from mangaassist.aws_answers import error_of


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
    error = error_of("AnyOperation", status, content, headers).response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)
