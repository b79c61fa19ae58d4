"""What a request leaves behind in the metrics."""

from __future__ import annotations

import pytest
from django.test import Client

from mangaassist import metrics
from mangaassist.metrics import exposition
from mangaassist.metrics.registry import registry
from tests.enrichment.api.clients import Client as Editor

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_recorded() -> None:
    registry.take()


def counted(name: str) -> dict[tuple[str, ...], float]:
    """Values of the dimensions → count."""
    return {
        tuple(value for _, value in one.dimensions): one.values[0]
        for one in registry.take()
        if one.metric.name == name
    }


def test_requests_are_counted_by_their_route_and_not_by_their_address(client: Client) -> None:
    for job in (1, 2):
        client.get(f"/api/jobs/{job}/")
    assert counted("HttpRequests") == {("web", "job-detail"): 2}


def test_addresses_that_lead_nowhere_share_one_route(client: Client) -> None:
    for name in ("a", "b"):
        client.get(f"/{name}")
    assert counted("HttpRequests") == {("web", "unknown"): 2}


def test_the_time_to_the_answer_is_measured(client: Client) -> None:
    client.get("/admin/login/")
    (one,) = (one for one in registry.take() if one.metric.name == "HttpLatency")
    assert one.values[0] > 0


def test_a_servers_error_is_counted(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    client.raise_request_exception = False
    monkeypatch.setattr(exposition, "totals", None)
    client.get("/metrics")
    assert counted("Http5xx") == {("web", "metrics"): 1}


def test_refusals_are_counted_by_language_and_reason_beside_all_that_was_sent() -> None:
    editor = Editor("editor")
    for language, body in (("ja", "{"), ("en", "{"), ("en", '{"paused": true}')):
        headers = {"Accept-Language": language}
        editor.post("/api/jobs/1/pause/", body, content_type="application/json", headers=headers)
    sent, refused = (
        {
            tuple(value for _, value in one.dimensions): one.values[0]
            for one in taken
            if one.metric is metric
        }
        for taken in [registry.take()]
        for metric in (metrics.REQUESTS_BY_LANGUAGE, metrics.HTTP_400)
    )
    assert sent == {("ja",): 1, ("en",): 2}
    assert refused == {("ja", "bad_json"): 1, ("en", "bad_json"): 1}
