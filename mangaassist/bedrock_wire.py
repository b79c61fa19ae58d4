"""Calls of models on Amazon Bedrock as they go over the wire; boto3's cost twice the CPU.

Parts of boto3's client send them: credentials, addresses and connections are its affair.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.utils import percent_encode

from mangaassist import aws
from mangaassist.aws_answers import REQUEST_ID, error_of
from mangaassist.signing import digest_of, signer_of

WHOLE, STREAMED = "InvokeModel", "InvokeModelWithResponseStream"
PATHS = {WHOLE: "invoke", STREAMED: "invoke-with-response-stream"}
JSON = "application/json"
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
    signed: Any = signer_of(client).signed(url, {**HEADERS, **headers}, digest_of(body))
    context = {"read_timeout": within}  # botocore reads this key for each call.
    request = AWSPreparedRequest("POST", url, signed, body, operation == STREAMED, context)
    answer: AWSResponse = client._endpoint.http_session.send(request)
    if answer.status_code != HTTPStatus.OK:
        raise error_of(operation, answer.status_code, answer.content, answer.headers)
    return answer


def request_id(answer: AWSResponse) -> str:
    """What AWS's support asks for."""
    return str(answer.headers.get(REQUEST_ID, ""))
