"""An index of its own for each test, in the stand-in of the stack.

With MANGA_OPENSEARCH_URL the same tests ask a real OpenSearch 3 that has the plugins analysis-icu
and analysis-kuromoji: what they say of the stand-in must hold there too.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError

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
            "kept": {"type": "keyword", "index": False, "doc_values": False},
            "name": {"type": "keyword"},
            "pieces": {"type": "text", "analyzer": "whitespace"},
            "words": {"type": "text", "analyzer": "words"},
            "vector": {
                "type": "knn_vector",
                "dimension": 2,
                "method": {"name": "hnsw", "engine": "faiss", "space_type": "innerproduct"},
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
        """Adds documents by their ids; returns when they are found."""
        lines = [
            line
            for id, document in documents.items()
            for line in ({"index": {"_id": id}}, document)
        ]
        assert not [result for result in self.bulk(*lines) if "error" in result]
        self.until(lambda: set(documents) <= set(self.find({"match_all": {}})))

    def find(self, query: Mapping[str, Any], **body: Any) -> dict[str, float]:
        """Scores by ids, best first."""
        answer = self.search(query, **body)
        return {hit["_id"]: hit["_score"] for hit in answer["hits"]["hits"]}

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
def client(stack: Stack) -> Iterator[OpenSearch]:
    url = os.environ.get("MANGA_OPENSEARCH_URL") or stack.common["OPENSEARCH_URL"]
    client = OpenSearch(url, timeout=30, max_retries=0)
    yield client
    client.close()


@pytest.fixture
def name(client: OpenSearch) -> Iterator[str]:
    """How the names of a test's indices begin; they are deleted at its end."""
    name = f"contract-{uuid4().hex}"
    yield name
    for found in client.cat.indices(index=f"{name}*", format="json"):
        client.indices.delete(index=found["index"])


@pytest.fixture
def index(client: OpenSearch, name: str) -> Index:
    client.indices.create(index=name, body=BODY)
    return Index(client, name)
