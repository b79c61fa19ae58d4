"""The endpoint that Prometheus scrapes, read by Prometheus's own parser."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from mangaassist import metrics
from mangaassist.metrics.registry import registry
from mangaassist.metrics.reporter import flush
from tests.enrichment.factories import live_worker, make_job

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provisioned")]


@pytest.fixture(autouse=True)
def nothing_recorded() -> None:
    registry.take()


def scraped(client: Client, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_counters_and_distributions_are_sums_of_all_processes(client: Client) -> None:
    for _ in range(2):
        metrics.BEDROCK_THROTTLES.record(2, ModelId="haiku", Pool="enrichment")
        metrics.INVOCATION_LATENCY.record(1_500, ModelId="haiku", Pool="enrichment")
        flush()
    labels = (("model_id", "haiku"), ("pool", "enrichment"))
    found = scraped(client)
    assert found["mangaassist_bedrock_throttles_total", labels] == 4
    assert found["mangaassist_invocation_latency_milliseconds_count", labels] == 2
    assert found["mangaassist_invocation_latency_milliseconds_sum", labels] == 3_000


def test_gauges_are_measured_when_they_are_asked_for(client: Client) -> None:
    live_worker(permits=20)
    make_job(titles=3)
    found = scraped(client)
    pool = (("pool", "enrichment"),)
    assert found["mangaassist_pending", pool] == 3
    assert found["mangaassist_window", pool] == 50
    assert found["mangaassist_workers", pool] == 1
    queue = (("queue", "manga-enrichment-queue.fifo"),)
    assert found["mangaassist_queue_visible", queue] == 0
    assert found["mangaassist_oldest_message_age_seconds", queue] == 0


def test_gauges_of_other_processes_have_their_latest_value_while_it_is_fresh(
    client: Client,
) -> None:
    now = timezone.now()
    for value, ago in ((0.7, 10), (0.9, 20)):
        metrics.LIMITER_FACTOR.record(value, ModelId="haiku")
        flush(now - timedelta(seconds=ago))
    metrics.LIMITER_FACTOR.record(0.5, ModelId="sonnet")
    flush(now - timedelta(minutes=5))
    found = {key: value for key, value in scraped(client).items() if "factor" in key[0]}
    assert found == {("mangaassist_limiter_factor", (("model_id", "haiku"),)): 0.7}


def test_without_a_token_only_this_machine_is_answered(client: Client) -> None:
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "203.0.113.9"}).status_code == 404


def test_with_a_token_whoever_has_it_is_answered(client: Client, settings: Any) -> None:
    settings.METRICS_TOKEN = "s3cret"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer ü"}).status_code == 404
    good = {"Authorization": "Bearer s3cret"}
    assert client.get("/metrics", headers=good, REMOTE_ADDR="203.0.113.9").status_code == 200
