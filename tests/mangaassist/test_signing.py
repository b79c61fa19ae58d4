"""Requests are signed as botocore signs them, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, RefreshableCredentials
from botocore.exceptions import NoCredentialsError
from botocore.utils import percent_encode
from hypothesis import example, given
from hypothesis import strategies as st

from mangaassist import aws
from mangaassist.bedrock_wire import HEADERS
from mangaassist.signing import STAMP, Signer, digest_of, signer_of

HOSTS = ["https://sqs.eu-west-1.amazonaws.com", "https://Search.example:443", "http://[::1]:9200"]
PLAIN = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E))
PORTS = st.one_of(st.just(""), st.integers(1, 65535).map(":{}".format))
ADDRESSES = st.one_of(
    st.sampled_from(HOSTS),
    st.builds("{}://{}{}".format, st.sampled_from(["http", "https"]), st.just("127.0.0.1"), PORTS),
)
MODELS = st.one_of(
    st.sampled_from(["global.anthropic.claude-haiku-4-5-20251001-v1:0", "amazon.titan:0:8k"]),
    st.just("arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.anthropic.claude:0"),
    st.text(min_size=1),
).map(percent_encode)
PATHS = st.one_of(
    st.sampled_from(["", "/", "/titles/_msearch", "/a//b/../c?b=2&a=%20&a"]),
    MODELS.map("/model/{}/invoke".format),
)
OURS: list[dict[str, str]] = [
    {"Content-Type": "application/x-ndjson"},
    {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": "AmazonSQS.ReceiveMessage"},
    {**HEADERS, "X-Amzn-Bedrock-GuardrailIdentifier": "guard", "X-Amzn-Bedrock-Trace": "ENABLED"},
]
GIVEN = st.one_of(
    st.sampled_from(OURS),
    st.dictionaries(st.sampled_from(["Content-Type", "X-Amz-Target", "Accept", "Expect"]), PLAIN),
)
BODIES = st.one_of(st.text().map(str.encode), st.binary(), st.just("鬼滅の刃🗡".encode()))
SIGNERS = st.builds(
    Signer,
    st.builds(Credentials, PLAIN, st.text(), st.one_of(st.none(), PLAIN)),
    st.sampled_from(["ap-northeast-1", "us-east-1"]),
    st.sampled_from(["sqs", "dynamodb", "bedrock", "aoss", "es"]),
)


def by_botocore(signer: Signer, url: str, headers: dict[str, str], body: bytes) -> dict[str, str]:
    assert signer.credentials is not None
    request = AWSRequest("POST", url, headers, body)
    frozen = signer.credentials.get_frozen_credentials()
    SigV4Auth(frozen, signer.service, signer.region).add_auth(request)
    return dict(request.headers.items())


@given(SIGNERS, ADDRESSES, PATHS, GIVEN, BODIES)
@example(Signer(Credentials("A", "s", "t"), "us-east-1", "sqs"), HOSTS[0], "", OURS[1], b"{}")
def test_headers_are_those_of_botocore(
    signer: Signer, address: str, path: str, headers: dict[str, str], body: bytes
) -> None:
    theirs = by_botocore(signer, address + path, headers, body)
    stamp = theirs["X-Amz-Date"]
    assert signer.signed(address + path, headers, digest_of(body), stamp) == theirs


@pytest.mark.parametrize(
    ("client", "operation"),
    [
        (aws.sqs, "ReceiveMessage"),
        (aws.dynamodb, "GetItem"),
        (aws.bedrock_runtime, "InvokeModelWithResponseStream"),
    ],
)
@pytest.mark.parametrize("path", ["", "/model/anthropic.claude-v1%3A0/invoke"])
def test_a_client_would_sign_the_same(client: Any, operation: str, path: str) -> None:
    url = client().meta.endpoint_url + path
    request = AWSRequest("POST", url, OURS[2], b"{}")
    client()._request_signer.sign(operation, request)
    theirs = dict(request.headers.items())
    stamp = theirs["X-Amz-Date"]
    assert signer_of(client()).signed(url, OURS[2], digest_of(b"{}"), stamp) == theirs


@pytest.mark.parametrize("stamp", ["20261231T235959Z", "20270101T000000Z"])
def test_each_day_has_a_key_of_its_own(stamp: str) -> None:
    request = AWSRequest("POST", HOSTS[0], {"X-Amz-Date": stamp})
    request.context["timestamp"] = stamp
    theirs = SigV4Auth(Credentials("A", "secret"), "sqs", "us-east-1")
    text = theirs.string_to_sign(request, theirs.canonical_request(request))
    ours = Signer(Credentials("A", "secret"), "us-east-1", "sqs")
    signed = ours.signed(HOSTS[0], {}, digest_of(b""), stamp)["Authorization"]
    assert f"A/{stamp[:8]}/us-east-1/" in signed
    assert signed.endswith(f"Signature={theirs.signature(text, request)}")


def test_a_request_is_signed_for_now() -> None:
    signer = Signer(Credentials("A", "secret"), "us-east-1", "sqs")
    before = f"{datetime.now(UTC):{STAMP}}"
    signed = signer.signed(HOSTS[0], {}, digest_of(b""))
    assert before <= signed["X-Amz-Date"] <= f"{datetime.now(UTC):{STAMP}}"


def test_credentials_that_end_are_renewed() -> None:
    def lasting(name: str, **time: int) -> dict[str, str]:
        ends = (datetime.now(UTC) + timedelta(**time)).isoformat()
        return {"access_key": name, "secret_key": "s", "token": name * 3, "expiry_time": ends}

    credentials = RefreshableCredentials.create_from_metadata(
        lasting("OLD", seconds=30), lambda: lasting("NEW", hours=1), "a test"
    )
    signed = Signer(credentials, "us-east-1", "sqs").signed(HOSTS[0], {}, digest_of(b""))
    assert "Credential=NEW/" in signed["Authorization"]
    assert signed["X-Amz-Security-Token"] == "NEWNEWNEW"


def test_without_credentials_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    client = boto3.Session(region_name="us-east-1").client("sqs")
    with pytest.raises(NoCredentialsError):
        signer_of(client).signed(HOSTS[0], {}, digest_of(b""))
