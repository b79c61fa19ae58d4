"""OpenSearch, reached by opensearch-py with requests that are signed as AWS wants them.

Searches, for which a shopper waits, go by a shorter way that costs a third of the CPU.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from http import HTTPStatus
from typing import Any

from botocore.credentials import Credentials
from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError, NoCredentialsError, ReadTimeoutError
from django.conf import settings
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import ConnectionError, OpenSearchException, TransportError

from mangaassist import aws, wire
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled
from mangaassist.signing import Signer, digest_of

CONNECTIONS = 8  # for what indexes; searches do not use them
LONGEST = 30.0  # seconds of a request that says nothing else; a bulk of titles is large
MOST_TOLD = 200  # characters of an answer that is an error

Answer = dict[str, Any]  # to one search


@cache
def opensearch() -> OpenSearch:
    """The one client of this process. It tries once: who asks knows whether there is time."""
    return OpenSearch(
        _address(),
        http_auth=Urllib3AWSV4SignerAuth(
            _credentials(), settings.AWS_REGION, settings.OPENSEARCH_SERVICE
        ),
        pool_maxsize=CONNECTIONS,
        timeout=LONGEST,
        max_retries=0,
    )


def search(index: str, asked: Sequence[str], seconds: float) -> list[Answer]:
    """The answers to searches, all in one request; one that failed has `error` and `status`.

    asked: each a line of JSON. Raises a Failure.
    """
    body = "".join([f"{{}}\n{query}\n" for query in asked]).encode()
    url, digest = f"{_address()}/{index}/_msearch", digest_of(body)
    signer = Signer(_credentials(), settings.AWS_REGION, settings.OPENSEARCH_SERVICE)
    headers = signer.signed(url, {"Content-Type": "application/x-ndjson"}, digest)
    headers["X-Amz-Content-SHA256"] = digest  # which a collection wants, but not signed
    try:
        status, answer = wire.post(url, headers, body, seconds)
    except ReadTimeoutError as error:
        raise Temporary("OpenSearchConnectionTimeout", f"A search failed: {error}") from error
    except (HTTPClientError, NoConnection) as error:
        raise Temporary("OpenSearchConnectionError", f"A search failed: {error}") from error
    told = answer[:MOST_TOLD].decode(errors="replace")
    if status != HTTPStatus.OK:
        raise of_status(status, f"A search failed: {told}")
    try:
        found: list[Answer] = json.loads(answer)["responses"]
    except (ValueError, KeyError, TypeError) as error:
        raise Temporary("opensearch_answer", f"A search was answered by {told}") from error
    return found


def _address() -> str:
    if not settings.OPENSEARCH_URL:
        message = "OPENSEARCH_URL is empty; manage.py provision tells the collection's address."
        raise Misconfigured("no_search", message)
    return str(settings.OPENSEARCH_URL).rstrip("/")


def _credentials() -> Credentials:
    credentials = aws.session().get_credentials()
    if credentials is None:
        raise NoCredentialsError()
    return credentials


@contextmanager
def naming(what: str) -> Iterator[None]:
    """Raises the errors of a block as Failures that say what was tried."""
    try:
        yield
    except OpenSearchException as error:
        raise classify(error, what) from error


def classify(error: OpenSearchException, what: str) -> Failure:
    """What an error of OpenSearch means, by its status."""
    message = f"{what} failed: {error}"
    if isinstance(error, ConnectionError) or not isinstance(error, TransportError):
        return Temporary(f"OpenSearch{type(error).__name__}", message)
    return of_status(int(error.status_code), message)


def of_status(status: int, message: str) -> Failure:
    """The same of an HTTP status."""
    code = f"opensearch_{status}"
    if status == 429:
        return Throttled(code, message)
    if status >= 500:
        return Temporary(code, message)
    if status == 400:
        return Rejected(code, message)
    remedies = {
        401: "Its signature is not accepted: compare OPENSEARCH_SERVICE and AWS_REGION.",
        403: "The role of this process needs its IAM policy, and the access policy of the "
        "collection or domain, which holds after a minute; or OPENSEARCH_SERVICE is wrong.",
        404: "manage.py provision makes the index.",
    }
    return Misconfigured(code, f"{message} {remedies.get(status, '')}".strip())
