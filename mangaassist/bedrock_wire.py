"""Calls of models on Amazon Bedrock as they go over the wire; boto3's cost twice the CPU.

Parts of boto3's client sign and send them: credentials, addresses and connections are its affair.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSRequest, AWSResponse
from botocore.exceptions import ClientError
from botocore.utils import percent_encode

from mangaassist import aws

WHOLE, STREAMED = "InvokeModel", "InvokeModelWithResponseStream"
PATHS = {WHOLE: "invoke", STREAMED: "invoke-with-response-stream"}
JSON = "application/json"
REQUEST_ID = "x-amzn-requestid"
HEADERS = {"Content-Type": JSON, "Accept": JSON, "User-Agent": "mangaassist"}


def send(
    operation: str, model_id: str, body: bytes, within: float, headers: Mapping[str, str]
) -> AWSResponse:
    """Makes one call, once, and returns its answer; one that is STREAMED is still to be read.

    within: seconds of a pause before any byte; headers: beside those of each call. Raises what
    boto3 raises.
    """
    client = aws.bedrock_runtime()
    url = f"{client.meta.endpoint_url}/model/{percent_encode(model_id)}/{PATHS[operation]}"
    request = AWSRequest(
        "POST", url, HEADERS | dict(headers), body, stream_output=operation == STREAMED
    )
    request.context["read_timeout"] = within  # botocore reads this key for each call.
    client._request_signer.sign(operation, request)
    answer: AWSResponse = client._endpoint.http_session.send(request.prepare())
    if answer.status_code != HTTPStatus.OK:
        raise error_of(operation, answer.status_code, answer.headers, answer.content)
    return answer


def request_id(answer: AWSResponse) -> str:
    """What AWS's support asks for."""
    return str(answer.headers.get(REQUEST_ID, ""))


def error_of(
    operation: str, status: int, headers: Mapping[str, str], content: bytes
) -> ClientError:
    """What boto3 would raise for an answer that is no success."""
    told = json_object(content)
    code = headers.get("x-amzn-errortype") or told.get("__type") or str(status)
    message = told.get("message") or told.get("Message") or f"HTTP {status}"
    name = str(code).partition(":")[0].rpartition("#")[2]
    response: Any = {
        "Error": {"Code": name, "Message": str(message)},
        "ResponseMetadata": {"RequestId": headers.get(REQUEST_ID, "")},
    }
    return ClientError(response, operation)


def json_object(content: bytes) -> dict[str, Any]:
    """What an error says of itself; empty for one in another form."""
    try:
        told = json.loads(content)
    except ValueError:
        return {}  # A load balancer's page says no more than its status.
    return told if isinstance(told, dict) else {}
