"""What OpenSearch takes and a collection of OpenSearch Serverless with vectors does not."""

from __future__ import annotations

import copy
from typing import Any

import boto3
import pytest
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import AuthorizationException, NotFoundError

from tests.local.opensearch.conftest import BODY, Index, connected, refusal
from tests.opensearch import serving
from tests.stack import Stack

ILLEGAL = "illegal_argument_exception"


@pytest.fixture
def client(collection: OpenSearch) -> OpenSearch:
    """No domain: that takes what is refused here."""
    return collection


@pytest.mark.parametrize("kind", ["index", "create"])
def test_documents_have_no_ids_of_ours(index: Index, kind: str) -> None:
    refused, taken = index.bulk({kind: {"_id": "one"}}, {}, {kind: {}}, {})
    assert (refused["status"], refused["error"]["type"], taken["status"]) == (400, ILLEGAL, 201)
    one = refusal(index.client.index, index=index.name, id="one", body={})
    assert one == (400, ILLEGAL, refused["error"]["reason"])


def test_a_domain_takes_ids_and_replaces_a_document(domain: OpenSearch) -> None:
    name = "contract-ids"
    domain.indices.create(index=name, body=BODY)
    one = {"index": name, "id": "one", "body": {}}
    assert [domain.index(**one)["result"] for _ in range(2)] == ["created", "updated"]
    domain.indices.delete(index=name)


def test_the_engine_of_vectors_is_not_ours_to_choose(client: OpenSearch, name: str) -> None:
    body: dict[str, Any] = copy.deepcopy(BODY)
    body["mappings"]["properties"]["vector"]["method"] = {"name": "hnsw", "engine": "faiss"}
    refused = refusal(client.indices.create, index=name, body=body)
    assert refused == (400, ILLEGAL, "Field parameter 'engine' is not supported")


def test_nobody_makes_an_index_refresh(index: Index) -> None:
    with pytest.raises(NotFoundError):
        index.client.indices.refresh(index=index.name)
    refused = refusal(index.client.index, index=index.name, body={}, params={"refresh": "true"})
    assert refused[:2] == (400, ILLEGAL)


def test_nobody_deletes_by_query_or_asks_for_the_cluster(index: Index) -> None:
    everything: dict[str, Any] = {"query": {"match_all": {}}}
    with pytest.raises(NotFoundError):
        index.client.delete_by_query(index=index.name, body=everything)
    with pytest.raises(NotFoundError):
        index.client.cluster.health()


def test_a_request_must_be_signed_for_the_service(stack: Stack) -> None:
    url, region = stack.common["OPENSEARCH_URL"], stack.common["AWS_REGION"]
    for auth in (None, Urllib3AWSV4SignerAuth(boto3.Session().get_credentials(), region, "es")):
        with connected(url, http_auth=auth) as stranger, pytest.raises(AuthorizationException):
            stranger.indices.get_alias()


def test_a_changed_body_is_refused(stack: Stack) -> None:
    def signed(method: str, url: str, body: Any, headers: Any = None) -> dict[str, str]:
        return dict(auth(method, url, b"{}", headers))

    auth = Urllib3AWSV4SignerAuth(
        boto3.Session().get_credentials(), stack.common["AWS_REGION"], "aoss"
    )
    with connected(stack.common["OPENSEARCH_URL"], http_auth=signed) as client:
        with pytest.raises(AuthorizationException):
            client.search(index="any", body={"query": {"match_all": {}}})


def test_a_write_is_found_later() -> None:
    with serving("--lag", "1") as url, connected(url) as client:
        index = Index(client, "contract-lag")
        client.indices.create(index=index.name, body=BODY)
        index.bulk({"index": {}}, {"key": "one"})
        with pytest.raises(NotFoundError):
            index.find({"match_all": {}})
        index.until(lambda: client.indices.exists(index=index.name) and is_known(index))
        index.until(lambda: list(index.find({"match_all": {}})) == ["one"])


def is_known(index: Index) -> bool:
    try:
        index.find({"match_all": {}})
    except NotFoundError:
        return False
    return True
