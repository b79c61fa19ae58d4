"""Signed calls whose answers come in time, over libcurl, for a tenth of boto3's CPU.

Credentials and addresses are boto3's; neither urllib3 nor kombu's client promises an end of a call.
"""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from io import BytesIO
from itertools import starmap
from typing import Any

import pycurl
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
    SSLError,
)
from botocore.httpsession import get_cert_path

from mangaassist.aws_answers import error_of, json_object
from mangaassist.errors import Temporary
from mangaassist.signing import digest_of, signer_of

CONNECT_SECONDS = 3
SUPPRESS_CONNECT_HEADERS = 265  # an option of libcurl that pycurl has no name for
CLOSED = frozenset(
    {pycurl.E_GOT_NOTHING, pycurl.E_RECV_ERROR, pycurl.E_SEND_ERROR, pycurl.E_PARTIAL_FILE}
)
UNTRUSTED = frozenset(
    {pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CONNECT_ERROR, pycurl.E_SSL_CACERT_BADFILE}
)

_idle: deque[pycurl.Curl] = deque()  # that no thread uses, with their open connections


def call(client: Any, operation: str, params: Mapping[str, Any], seconds: float) -> dict[str, Any]:
    """Makes one call of a service with AWS's JSON protocol, such as SQS or DynamoDB.

    libcurl repeats it once where a kept connection turns out to be closed. client: of boto3;
    seconds: limit of the whole call. Returns the answer; raises what boto3 raises, or Temporary for
    an answer that is none.
    """
    service = client.meta.service_model.metadata
    headers = {
        "Content-Type": f"application/x-amz-json-{service['jsonVersion']}",
        "X-Amz-Target": f"{service['targetPrefix']}.{operation}",
    }
    body = json.dumps(params, ensure_ascii=False).encode()
    url = client.meta.endpoint_url
    signed = signer_of(client).signed(url, headers, digest_of(body))
    return _read(operation, *post(url, signed, body, seconds))


def post(url: str, headers: Mapping[str, str], body: bytes, seconds: float) -> tuple[int, bytes]:
    """Sends a request that is signed; the status and the body of its answer.

    Raises ReadTimeoutError, or what `unanswered` says, without one.
    """
    answer = BytesIO()
    with _connection() as curl:
        load(curl, url, headers, body)
        curl.setopt(pycurl.TIMEOUT_MS, max(1, int(seconds * 1000)))  # 0 would be no limit.
        curl.setopt(pycurl.WRITEDATA, answer)
        try:
            curl.perform()
        except pycurl.error as error:
            if error.args[0] == pycurl.E_OPERATION_TIMEDOUT:
                raise ReadTimeoutError(endpoint_url=url) from error
            raise unanswered(curl, url, error) from error
        return curl.getinfo(pycurl.RESPONSE_CODE), answer.getvalue()


@contextmanager
def _connection() -> Iterator[pycurl.Curl]:
    try:
        curl = _idle.pop()
    except IndexError:
        curl = handle()
    try:
        yield curl
    finally:
        curl.setopt(pycurl.POSTFIELDS, b"")  # It would keep the last one in memory.
        curl.setopt(pycurl.WRITEDATA, BytesIO())
        _idle.append(curl)


def handle() -> pycurl.Curl:
    """A handle of libcurl for calls of one thread at a time; it keeps its connections."""
    curl = pycurl.Curl()
    for option, value in (
        (pycurl.NOSIGNAL, 1),
        (pycurl.CONNECTTIMEOUT, CONNECT_SECONDS),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),  # as boto3, and our stand-ins
        (SUPPRESS_CONNECT_HEADERS, 1),  # A proxy's answer is not the service's.
        (pycurl.TCP_KEEPALIVE, 1),
        (pycurl.CAINFO, os.environ.get("AWS_CA_BUNDLE") or get_cert_path(True)),
        (pycurl.USERAGENT, "mangaassist"),
        (pycurl.POST, 1),
    ):
        curl.setopt(option, value)
    return curl


def load(curl: pycurl.Curl, url: str, headers: Mapping[str, str], body: bytes) -> None:
    """Gives a handle its next request."""
    # An empty Expect spares the round trip of "100 Continue".
    lines = ["Expect:", *starmap(_line, headers.items())]
    curl.setopt(pycurl.URL, url)
    curl.setopt(pycurl.HTTPHEADER, lines)
    curl.setopt(pycurl.POSTFIELDS, body)


def _line(name: str, value: str) -> str:
    # libcurl leaves a header out that has nothing after its colon, also when it is signed.
    return f"{name}: {value}" if value.strip() else f"{name};"


def unanswered(curl: pycurl.Curl, url: str, error: pycurl.error) -> BotoCoreError:
    """What boto3 raises where a call got no answer, but for a time-out. error: of libcurl."""
    number, why = error.args
    has_no_way = number == pycurl.E_COULDNT_CONNECT and curl.getinfo(pycurl.USED_PROXY)
    if has_no_way or number == pycurl.E_COULDNT_RESOLVE_PROXY:
        return ProxyConnectionError(proxy_url=why)  # which libcurl names without its password
    if number in UNTRUSTED:
        return SSLError(endpoint_url=url, error=why)
    if number in CLOSED:
        return ConnectionClosedError(endpoint_url=url)
    return EndpointConnectionError(endpoint_url=url)


def _read(operation: str, status: int, answer: bytes) -> dict[str, Any]:
    if status != HTTPStatus.OK:
        raise error_of(operation, status, answer)
    content = json_object(answer)
    if content is None:
        raise Temporary("BadAnswer", answer[:200].decode(errors="replace"))
    return content
