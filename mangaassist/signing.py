"""Signature Version 4 of the POSTs that we make ourselves, for a seventh of botocore's CPU.

Credentials, regions and names of services are boto3's affair.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from functools import lru_cache
from hashlib import sha256
from time import gmtime, strftime
from typing import Any, NamedTuple

from botocore.auth import SIGNED_HEADERS_BLACKLIST, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials, ReadOnlyCredentials
from botocore.exceptions import NoCredentialsError

ALGORITHM = "AWS4-HMAC-SHA256"
STAMP = "%Y%m%dT%H%M%SZ"
SCOPE_END = "aws4_request"
UNSIGNED = frozenset(SIGNED_HEADERS_BLACKLIST)


class Signer(NamedTuple):
    """Signs for one service of one region."""

    credentials: Credentials | None
    region: str
    service: str

    def signed(
        self, url: str, headers: Mapping[str, str], digest: str, stamp: str = ""
    ) -> dict[str, str]:
        """The headers of a POST with those of its signature, as botocore would make them.

        digest: of the body, by `digest_of`; stamp: X-Amz-Date, by default now. Raises
        NoCredentialsError, and what boto3 raises when it cannot renew credentials.
        """
        credentials = self.credentials.get_frozen_credentials() if self.credentials else None
        if credentials is None:
            raise NoCredentialsError()
        stamp = stamp or strftime(STAMP, gmtime())
        sent = {**headers, "X-Amz-Date": stamp}
        if credentials.token:
            sent["X-Amz-Security-Token"] = credentials.token
        names, canonical = _canonical(url, sent, digest)
        date = stamp[:8]
        scope = f"{date}/{self.region}/{self.service}/{SCOPE_END}"
        text = f"{ALGORITHM}\n{stamp}\n{scope}\n{digest_of(canonical.encode())}"
        key = _key(credentials.secret_key, date, self.region, self.service)
        sent["Authorization"] = (
            f"{ALGORITHM} Credential={credentials.access_key}/{scope}, "
            f"SignedHeaders={names}, Signature={_code(key, text).hex()}"
        )
        return sent


def signer_of(client: Any) -> Signer:
    """Signs as a client of boto3 would."""
    signer = client._request_signer
    return Signer(signer._credentials, signer.region_name, signer.signing_name)


def digest_of(body: bytes) -> str:
    return sha256(body).hexdigest()


def _canonical(url: str, headers: Mapping[str, str], digest: str) -> tuple[str, str]:
    """The names of the headers that are signed, and the request in its canonical form."""
    path, query, host = _address(url)
    lines = [
        (name, " ".join(value.split()))
        for name, value in ((name.lower(), value) for name, value in headers.items())
        if name not in UNSIGNED
    ]
    lines = sorted([*lines, ("host", host)])
    names = ";".join([name for name, _ in lines])
    told = "\n".join([f"{name}:{value}" for name, value in lines])
    return names, f"POST\n{path}\n{query}\n{told}\n\n{names}\n{digest}"


@lru_cache(maxsize=64)
def _address(url: str) -> tuple[str, str, str]:
    """The path, the query and the host as botocore would sign them."""
    nobody = ReadOnlyCredentials("", "", "")
    canonical = SigV4Auth(nobody, "", "").canonical_request(AWSRequest("POST", url))
    _, path, query, host, *_ = canonical.split("\n")
    return path, query, host.removeprefix("host:")


@lru_cache(maxsize=16)
def _key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, SCOPE_END):
        key = _code(key, part)
    return key


def _code(key: bytes, text: str) -> bytes:
    return hmac.digest(key, text.encode(), "sha256")
