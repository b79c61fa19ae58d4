"""A connection to a service of AWS whose calls end in time, for an eighth of boto3's CPU.

Signatures, credentials and addresses are boto3's; neither urllib3 nor kombu's client promises an
end of a call.
"""

from __future__ import annotations

import json
import os
from http import HTTPStatus
from io import BytesIO
from typing import Any

import pycurl
from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError, EndpointConnectionError, ReadTimeoutError
from botocore.httpsession import get_cert_path

from mangaassist.errors import Temporary

CONNECT_SECONDS = 5


class Wire:
    """One keep-alive connection for one thread at a time; speaks AWS's JSON protocol.

    client: of boto3, for a service with that protocol, such as SQS or DynamoDB.
    """

    def __init__(self, client: Any) -> None:
        service = client.meta.service_model.metadata
        self._client = client
        self._target = service["targetPrefix"]
        self._content_type = f"application/x-amz-json-{service['jsonVersion']}"
        self._curl = pycurl.Curl()
        for option, value in (
            (pycurl.URL, client.meta.endpoint_url),
            (pycurl.NOSIGNAL, 1),
            (pycurl.CONNECTTIMEOUT, CONNECT_SECONDS),
            (pycurl.TCP_KEEPALIVE, 1),
            (pycurl.CAINFO, os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)),
            (pycurl.USERAGENT, "mangaassist"),
            (pycurl.POST, 1),
        ):
            self._curl.setopt(option, value)

    def call(self, operation: str, params: dict[str, Any], seconds: float) -> dict[str, Any]:
        """Makes one call, once, and returns its answer.

        seconds: limit of the whole call. Raises what boto3 raises, or Temporary for an answer that
        is none.
        """
        body = json.dumps(params, ensure_ascii=False).encode()
        answer = BytesIO()
        self._curl.setopt(pycurl.HTTPHEADER, self._headers(operation, body))
        self._curl.setopt(pycurl.POSTFIELDS, body)
        self._curl.setopt(pycurl.TIMEOUT_MS, int(seconds * 1000))
        self._curl.setopt(pycurl.WRITEDATA, answer)
        try:
            self._curl.perform()
        except pycurl.error as error:
            raise self._no_answer(*error.args) from error
        return _read(operation, self._curl.getinfo(pycurl.RESPONSE_CODE), answer.getvalue())

    def close(self) -> None:
        self._curl.close()

    def _headers(self, operation: str, body: bytes) -> list[str]:
        """Lines of a signed request. Raises BotoCoreError."""
        headers = {
            "Content-Type": self._content_type,
            "X-Amz-Target": f"{self._target}.{operation}",
        }
        request = AWSRequest("POST", self._client.meta.endpoint_url, data=body, headers=headers)
        self._client._request_signer.sign(operation, request)
        # An empty Expect spares the round trip of "100 Continue".
        return ["Expect:", *(f"{name}: {_text(value)}" for name, value in request.headers.items())]

    def _no_answer(self, code: int, message: str) -> Exception:
        kind = ReadTimeoutError if code == pycurl.E_OPERATION_TIMEDOUT else EndpointConnectionError
        return kind(endpoint_url=self._client.meta.endpoint_url, error=message)


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
    told: Any = content | {"Error": {"Code": code, "Message": message}}
    raise ClientError(told, operation)


def _json_object(answer: bytes) -> dict[str, Any] | None:
    try:
        content = json.loads(answer)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
