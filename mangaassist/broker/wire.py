"""A connection to SQS whose calls end in time; neither urllib3 nor kombu's client promises that."""

from __future__ import annotations

import json
import os
from http import HTTPStatus
from io import BytesIO
from typing import Any, cast

import pycurl
from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError, ClientError
from botocore.httpsession import get_cert_path

from mangaassist import aws
from mangaassist.errors import Temporary, classify

CONNECT_SECONDS = 5
CONTENT_TYPE = "application/x-amz-json-1.0"


class Wire:
    """One keep-alive connection for one thread; speaks the JSON protocol of SQS."""

    def __init__(self) -> None:
        self._client = cast(Any, aws.sqs())
        self._curl = pycurl.Curl()
        for option, value in (
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT, CONNECT_SECONDS),
            (pycurl.TCP_KEEPALIVE, 1),
            (pycurl.CAINFO, os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)),
            (pycurl.USERAGENT, "mangaassist"),
            (pycurl.POST, 1),
        ):
            self._curl.setopt(option, value)

    def call(self, operation: str, params: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Makes one call and returns its answer.

        seconds: limit of the whole call. Raises Failure; Temporary without an answer in time.
        """
        request = self._signed(operation, json.dumps(params))
        answer = BytesIO()
        self._curl.setopt(pycurl.URL, request.url)
        self._curl.setopt(pycurl.HTTPHEADER, _header_lines(request.headers))
        self._curl.setopt(pycurl.POSTFIELDS, request.body)
        self._curl.setopt(pycurl.TIMEOUT_MS, int(seconds * 1000))
        self._curl.setopt(pycurl.WRITEDATA, answer)
        try:
            self._curl.perform()
        except pycurl.error as error:
            raise Temporary("NoAnswer", str(error.args[1])) from error
        return _read(operation, self._curl.getinfo(pycurl.RESPONSE_CODE), answer.getvalue())

    def close(self) -> None:
        self._curl.close()

    def _signed(self, operation: str, body: str) -> Any:
        headers = {"Content-Type": CONTENT_TYPE, "X-Amz-Target": f"AmazonSQS.{operation}"}
        request = AWSRequest(
            "POST", self._client.meta.endpoint_url, data=body.encode(), headers=headers
        )
        try:
            self._client._request_signer.sign(operation, request)
        except BotoCoreError as error:
            raise classify(error) from error
        return request.prepare()


def _header_lines(headers: Any) -> list[str]:
    # An empty Expect spares the round trip of "100 Continue".
    return ["Expect:", *(f"{name}: {_text(value)}" for name, value in headers.items())]


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _read(operation: str, status: int, answer: bytes) -> dict[str, Any]:
    content = _json_object(answer)
    if status == HTTPStatus.OK:
        if content is None:
            raise Temporary("BadAnswer", answer[:200].decode(errors="replace"))
        return content
    content = content or {}
    code = str(content.get("__type", status)).rpartition("#")[2]
    message = str(content.get("message") or content.get("Message") or f"HTTP {status}")
    raise classify(ClientError({"Error": {"Code": code, "Message": message}}, operation))


def _json_object(answer: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(answer)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
