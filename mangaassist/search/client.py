"""OpenSearch, reached by opensearch-py with requests that are signed as AWS wants them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from botocore.exceptions import NoCredentialsError
from django.conf import settings
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import ConnectionError, OpenSearchException, TransportError

from mangaassist import aws
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary, Throttled

CONNECTIONS = 64  # as many as the chat has threads
LONGEST = 30.0  # seconds of a request that says nothing else; a bulk of titles is large


@cache
def opensearch() -> OpenSearch:
    """The one client of this process. It tries once: who asks knows whether there is time."""
    if not settings.OPENSEARCH_URL:
        message = "OPENSEARCH_URL is empty; manage.py provision tells the collection's address."
        raise Misconfigured("no_search", message)
    credentials = aws.session().get_credentials()
    if credentials is None:
        raise NoCredentialsError()
    return OpenSearch(
        settings.OPENSEARCH_URL,
        http_auth=Urllib3AWSV4SignerAuth(
            credentials, settings.AWS_REGION, settings.OPENSEARCH_SERVICE
        ),
        pool_maxsize=CONNECTIONS,
        timeout=LONGEST,
        max_retries=0,
    )


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
