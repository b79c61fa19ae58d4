"""The API keeps what its OpenAPI document promises, whatever is sent to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from enrichment.models import Item
from enrichment.states import State
from mangaassist.asgi import application
from tests.enrichment.api.clients import CSV, Client
from tests.enrichment.factories import live_worker, make_job
from tests.mangaassist.server import serving

EXAMPLES = 25  # of each operation
CHECKS: Any = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]

document: Any = SchemaGenerator().get_schema(public=True)  # type: ignore[no-untyped-call]
schema: Any = schemathesis.openapi.from_dict(document)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """Where the application is served, limits in front of Django included."""
    with serving(application, lifespan="off") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def rows(transactional_db: None, provisioned: None) -> dict[str, int]:
    """A release and a job in the editor's reach, so that ids are not always wrong."""
    live_worker()
    client = Client("operator")
    job = make_job(titles=3, created_by=client.member)
    job.items.update(state=State.FAILED, code="truncated", message="cut off")
    Item.objects.filter(pk=job.items.order_by("pk")[0].pk).update(state=State.DONE)
    token = client.member.auth_token.key
    release = client.release(CSV + "!,鳥\r\n")
    return {"/api/releases/": release, "/api/jobs/": job.pk, "token": token}


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_the_document_names(
    case: Any, address: str, rows: dict[str, Any]
) -> None:
    for prefix, pk in rows.items():
        if case.path.startswith(prefix) and "id" in case.path_parameters:
            case.path_parameters["id"] = pk
    headers = {"Authorization": f"Token {rows['token']}"}
    case.call_and_validate(base_url=address, headers=headers, checks=CHECKS)


def test_every_endpoint_is_in_the_document() -> None:
    assert len(document["paths"]) == 18


def test_without_a_token_every_operation_is_denied(transactional_db: None, address: str) -> None:
    for result in schema.get_all_operations():
        case = result.ok().Case(path_parameters={"id": 1})
        assert case.call(base_url=address).status_code == 401
