"""Calls of models on Amazon Bedrock as they go over the wire, for a part of the CPU of boto3's.

Credentials and addresses are boto3's affair.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from botocore.utils import percent_encode

from mangaassist import aws
from mangaassist.aws_answers import REQUEST_ID, error_of
from mangaassist.incoming import Incoming, answer_to
from mangaassist.signing import digest_of, signer_of

WHOLE, STREAMED = "InvokeModel", "InvokeModelWithResponseStream"
PATHS = {WHOLE: "invoke", STREAMED: "invoke-with-response-stream"}
JSON = "application/json"
HEADERS = {"Content-Type": JSON, "Accept": JSON}


@contextmanager
def sent(
    operation: str, model_id: str, body: bytes, within: float, headers: Mapping[str, str]
) -> Iterator[Incoming]:
    """Makes one call; its answer is still to be read, and the call ends with the block.

    libcurl repeats it once where a kept connection turns out to be closed. within: seconds of a
    pause before any byte; headers: beside those of each call. Raises what boto3 raises.
    """
    client = aws.bedrock_runtime()
    url = f"{client.meta.endpoint_url}/model/{percent_encode(model_id)}/{PATHS[operation]}"
    signed = signer_of(client).signed(url, {**HEADERS, **headers}, digest_of(body))
    with answer_to(url, signed, body, within) as answer:
        if answer.status != HTTPStatus.OK:
            raise error_of(operation, answer.status, answer.whole(), answer.headers)
        yield answer


def request_id(answer: Incoming) -> str:
    """What AWS's support asks for."""
    return answer.headers.get(REQUEST_ID, "")
