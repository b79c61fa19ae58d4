"""An index of its own for each test, in the collection of the stack and in a domain beside it.

With MANGA_OPENSEARCH_URL a real OpenSearch 3 that has the plugins analysis-icu and
analysis-kuromoji takes the domain's place: what the tests say of the stand-in must hold there too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3
import pytest
from opensearchpy import OpenSearch, Urllib3AWSV4SignerAuth
from opensearchpy.exceptions import TransportError

from tests.opensearch import serving
from tests.stack import Stack

Json = dict[str, Any]
PATIENCE = 60  # seconds until a write can be searched
WORDS = {
    "type": "custom",
    "char_filter": ["icu_normalizer"],
    "tokenizer": "kuromoji_tokenizer",
    "filter": ["kuromoji_baseform", "kuromoji_part_of_speech", "kuromoji_stemmer", "lowercase"],
}
BODY = {
    "settings": {"index": {"knn": True}, "analysis": {"analyzer": {"words": WORDS}}},
    "mappings": {
        "dynamic": "strict",
        "properties": {
            "key": {"type": "keyword"},
            "kept": {"type": "keyword", "index": False, "doc_values": False},
            "number": {"type": "long", "index": False, "doc_values": False},
            "name": {"type": "keyword"},
            "pieces": {"type": "text", "analyzer": "whitespace"},
            "words": {"type": "text", "analyzer": "words"},
            "vector": {
                "type": "knn_vector",
                "dimension": 2,
                "space_type": "innerproduct",
            },
        },
    },
}


@dataclass(frozen=True)
class Index:
    """An index with the fields of BODY."""

    client: OpenSearch
    name: str

    def bulk(self, *lines: Mapping[str, Any]) -> list[Json]:
        """The result of each item, beside its status."""
        body = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        answer = self.client.bulk(body=body, index=self.name)
        return [result for item in answer["items"] for result in item.values()]

    def fill(self, **documents: Mapping[str, Any]) -> None:
        """Adds documents with a key each; returns when they are found."""
        lines: list[Json] = []
        for key, document in documents.items():
            lines += [{"index": {}}, {"key": key, **document}]
        assert not [result for result in self.bulk(*lines) if "error" in result]
        self.until(lambda: set(documents) <= set(self.find({"match_all": {}})))

    def find(self, query: Mapping[str, Any], **body: Any) -> dict[str, float]:
        """Scores by keys, best first."""
        answer = self.search(query, _source=["key"], **body)
        return {hit["_source"]["key"]: hit["_score"] for hit in answer["hits"]["hits"]}

    def search(self, query: Mapping[str, Any], **body: Any) -> Any:
        return self.client.search(index=self.name, body={"query": query, "size": 100, **body})

    def until(self, holds: Callable[[], bool]) -> None:
        """Waits for what was written: there is no refresh in OpenSearch Serverless."""
        deadline = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < deadline, "what was written is not found"
            time.sleep(0.1)


def refusal(call: Callable[..., Any], *arguments: Any, **named: Any) -> tuple[int, str, str]:
    """Status, type and reason of the error that a call must end in."""
    with pytest.raises(TransportError) as raised:
        call(*arguments, **named)
    told: Any = raised.value.info
    root = told["error"]["root_cause"][0]
    return int(raised.value.status_code), root["type"], root["reason"]


@pytest.fixture(scope="session")
def collection(stack: Stack) -> Iterator[OpenSearch]:
    """OpenSearch Serverless."""
    credentials = boto3.Session().get_credentials()
    auth = Urllib3AWSV4SignerAuth(credentials, stack.common["AWS_REGION"], "aoss")
    with connected(stack.common["OPENSEARCH_URL"], http_auth=auth) as client:
        yield client


@pytest.fixture(scope="session")
def domain() -> Iterator[OpenSearch]:
    """OpenSearch."""
    if url := os.environ.get("MANGA_OPENSEARCH_URL"):
        with connected(url) as client:
            yield client
    else:
        with serving() as url, connected(url) as client:
            yield client


@pytest.fixture(scope="session", params=["collection", "domain"])
def client(request: pytest.FixtureRequest) -> OpenSearch:
    found: OpenSearch = request.getfixturevalue(request.param)
    return found


def connected(url: str, **options: Any) -> OpenSearch:
    return OpenSearch(url, timeout=30, max_retries=0, **options)


@pytest.fixture
def name(client: OpenSearch) -> Iterator[str]:
    """How the names of a test's indices begin; they are deleted at its end."""
    name = f"contract-{uuid4().hex}"
    yield name
    for found in client.indices.get_alias():
        if found.startswith(name):
            client.indices.delete(index=found)


@pytest.fixture
def index(client: OpenSearch, name: str) -> Index:
    client.indices.create(index=name, body=BODY)
    return Index(client, name)
