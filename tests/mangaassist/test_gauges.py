"""Gauges of queues and pools, measured from real queues and rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import structlog
from django.utils import timezone

from mangaassist import aws, blocking, gauges, iam
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Misconfigured
from mangaassist.models import WorkerBeat
from mangaassist.pools import ENRICHMENT, WEBSOCKET
from mangaassist.resources import DEFERRED_QUEUE, ENRICHMENT_QUEUE, KEEPER_ROLE, WEB_ROLE, Role
from tests.enrichment.factories import live_keeper, live_worker
from tests.mangaassist.conftest import Account

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provisioned")]


def measured(source: Any) -> dict[tuple[str, str], float]:
    """(metric, value of its dimension) → value."""
    return {
        (metric.name, "".join(dimensions.values())): value for metric, value, dimensions in source()
    }


def send(queue: str) -> None:
    aws.sqs().send_message(
        QueueUrl=queue_url(queue), MessageBody="x", MessageGroupId="g", MessageDeduplicationId="1"
    )


def test_waiting_worked_on_and_dead_messages_are_counted() -> None:
    for queue in (ENRICHMENT_QUEUE.name, ENRICHMENT_QUEUE.dead_letters, DEFERRED_QUEUE.name):
        send(queue)
    aws.sqs().receive_message(QueueUrl=queue_url(DEFERRED_QUEUE.name))
    found = measured(gauges.queues)
    assert found["QueueVisible", ENRICHMENT_QUEUE.name] == 1
    assert found["QueueInFlight", DEFERRED_QUEUE.name] == 1
    assert found["DlqDepth", ENRICHMENT_QUEUE.dead_letters] == 1
    assert found["Backlog", "deferred"] == 1


@pytest.mark.parametrize("role", [KEEPER_ROLE, WEB_ROLE], ids=lambda role: role.process)
def test_whoever_measures_has_the_permissions(provisioned: Account, role: Role) -> None:
    provisioned.act_with(iam.policy(role, "us-east-1", provisioned.number))
    assert ("QueueVisible", ENRICHMENT_QUEUE.name) in measured(gauges.queues)


def test_permits_in_use_are_those_of_living_workers() -> None:
    live_worker(permits=20)
    live_keeper()
    WorkerBeat.objects.filter(pool=ENRICHMENT.name).update(in_use=7)
    found = measured(gauges.pools)
    assert found["ConcurrencyInUse", "enrichment"] == 7
    assert found["ConcurrencyReserved", "enrichment"] == ENRICHMENT.permits
    assert found["ConcurrencyReserved", "websocket"] == WEBSOCKET.permits
    assert (found["Workers", "enrichment"], found["Keepers", ""]) == (1, 1)


def test_a_dead_workers_permits_are_not_in_use() -> None:
    live_worker()
    WorkerBeat.objects.update(in_use=7, beat_at=timezone.now() - timedelta(minutes=1))
    found = measured(gauges.pools)
    assert (found["ConcurrencyInUse", "enrichment"], found["Workers", "enrichment"]) == (0, 0)


def test_the_worker_that_sqs_has_not_answered_longest_counts() -> None:
    for ago in (5, 50):
        live_worker()
        silent = WorkerBeat.objects.filter(last_poll_at=None)
        silent.update(last_poll_at=timezone.now() - timedelta(seconds=ago))
    assert measured(gauges.pools)["BrokerLastOkAge", "enrichment"] == pytest.approx(50, abs=5)


def test_a_blocked_pool_is_told_apart_from_the_others() -> None:
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDeniedException", "No GetItem."))
    found = measured(gauges.pools)
    assert (found["PoolBlocked", "enrichment"], found["PoolBlocked", "deferred"]) == (1, 0)


def test_a_source_that_cannot_be_measured_is_logged_and_the_others_are(account: Account) -> None:
    account._use("999999999999", "an account without queues")
    with structlog.testing.capture_logs() as logs:
        found = measured(gauges.everything)
    assert [line["source"] for line in logs] == ["mangaassist.gauges.queues"]
    assert ("Workers", "enrichment") in found
    assert ("Pending", "enrichment") in found
