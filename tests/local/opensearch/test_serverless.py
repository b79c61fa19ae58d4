"""What OpenSearch has and OpenSearch Serverless has not, the stand-in refuses: we do without."""

from __future__ import annotations

import os
from typing import Any

import pytest
from opensearchpy.exceptions import RequestError

from tests.local.opensearch.conftest import Index, refusal

pytestmark = pytest.mark.skipif("MANGA_OPENSEARCH_URL" in os.environ, reason="OpenSearch has it")


def test_nobody_makes_an_index_refresh(index: Index) -> None:
    with pytest.raises(RequestError, match="no handler found"):
        index.client.indices.refresh(index=index.name)
    refused = refusal(index.client.index, index=index.name, body={}, params={"refresh": "true"})
    assert refused[:2] == (400, "illegal_argument_exception")


def test_nobody_deletes_by_query(index: Index) -> None:
    everything: dict[str, Any] = {"query": {"match_all": {}}}
    with pytest.raises(RequestError, match="no handler found"):
        index.client.delete_by_query(index=index.name, body=everything)
