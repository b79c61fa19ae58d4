"""Incident 4: an unrelated workload took the account's executions, and the weekly burst found none.

Each pool has its slots reserved, its own processes, queue and role. That is shown by how they are
made, not by timing them; `scripts/bench backpressure` times them.
"""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest
from botocore.exceptions import ClientError
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from bench._backlog import Backlog
from bench._flood import flood
from enrichment.database import STORE
from enrichment.dispatch import dispatch, take
from enrichment.models import Item
from enrichment.states import State
from enrichment.store import Outcome
from enrichment.window import HORIZON, Lane
from mangaassist import aws, canary, gauges, iam, metrics
from mangaassist.broker.urls import queue_url
from mangaassist.metrics.registry import Metric
from mangaassist.pools import (
    DEFERRED,
    ENRICHMENT,
    MAINTENANCE,
    MODERATION,
    POOLS,
    WEBSOCKET,
    WORKER_POOLS,
)
from tests.enrichment.factories import live_worker, make_burst, make_job
from tests.incidents.conftest import REGION
from tests.mangaassist.conftest import Account
from tests.processes import LONGEST_WAIT, manage

WEEKLY = 2_000  # titles


def counted(metric: Metric) -> dict[str, float]:
    """A gauge of each queue where it is not zero."""
    readings = [one for one in gauges.queues() if one[0] is metric]
    return {dimensions["Queue"]: value for _, value, dimensions in readings if value}


def waiting() -> dict[str, float]:
    return counted(metrics.QUEUE_VISIBLE)


def may_take_from(url: str) -> bool:
    try:
        aws.sqs().receive_message(QueueUrl=url)
    except ClientError as error:
        assert "AccessDenied" in error.response["Error"]["Code"]
        return False
    return True


def test_pools_that_want_more_than_the_account_has_start_no_worker(settings: Any) -> None:
    settings.ACCOUNT_SLOTS = sum(pool.slots for pool in POOLS.values()) - 1
    with pytest.raises(SystemCheckError, match="E007"):
        call_command("worker", ENRICHMENT.name, skip_checks=False)


def test_the_reservations_are_those_of_the_runbook() -> None:
    assert {pool.name: pool.slots for pool in POOLS.values() if pool != MAINTENANCE} == {
        "enrichment": 25, "moderation": 10, "websocket": 50, "deferred": 15,
    }  # fmt: skip


def test_no_two_pools_share_a_queue_its_dead_letters_or_a_role() -> None:
    queues = [pool.queue for pool in WORKER_POOLS.values()]
    names = {name for queue in queues for name in (queue.name, queue.dead_letters)}
    assert len(names) == 2 * len(WORKER_POOLS)
    assert len({pool.role for pool in POOLS.values()}) == len(POOLS)


def test_only_a_reader_who_waits_may_use_the_last_of_the_quota() -> None:
    assert [pool.name for pool in POOLS.values() if pool.floor == 0] == [WEBSOCKET.name]
    assert MODERATION.floor < ENRICHMENT.floor < DEFERRED.floor


def test_a_worker_may_take_the_messages_of_its_own_pool_alone(provisioned: Account) -> None:
    urls = {name: queue_url(pool.queue.name) for name, pool in WORKER_POOLS.items()}
    for name, pool in WORKER_POOLS.items():
        provisioned.act_with(iam.policy(pool.role, REGION, provisioned.number))
        assert [other for other, url in urls.items() if may_take_from(url)] == [name]


@pytest.mark.django_db
def test_the_weekly_burst_fills_no_other_queue(provisioned: Account) -> None:
    make_burst(WEEKLY, lane=Lane.LOW)
    live_worker(permits=ENRICHMENT.permits)
    while dispatch():
        pass
    assert waiting() == {ENRICHMENT.queue.name: 2 * ENRICHMENT.permits + 10}


@pytest.mark.django_db
def test_a_flooded_pool_leaves_the_others_their_messages(provisioned: Account) -> None:
    flood(MODERATION.queue.name, 300)
    titles = {item.title_id for item in make_job(titles=3).items.all()}
    dispatch()
    assert waiting() == {MODERATION.queue.name: 300, ENRICHMENT.queue.name: 3}
    received = aws.sqs().receive_message(
        QueueUrl=queue_url(ENRICHMENT.queue.name),
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["MessageGroupId"],
    )["Messages"]
    assert {message["Attributes"]["MessageGroupId"] for message in received} == titles


@pytest.mark.django_db(transaction=True)
def test_a_worker_does_nothing_for_a_flooded_pool_that_is_not_its_own(
    provisioned: Account,
) -> None:
    flood(DEFERRED.queue.name, 50)
    canary.send(ENRICHMENT.queue, canary.stamp())
    with manage("worker", ENRICHMENT.name, "--slots=1", "--parallel=1") as process:
        deadline = time.monotonic() + LONGEST_WAIT
        while ENRICHMENT.queue.name in waiting() or counted(metrics.QUEUE_IN_FLIGHT):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert waiting() == {DEFERRED.queue.name: 50}
        process.kill()  # A warm end would wait for the open poll.


@pytest.mark.django_db
def test_what_the_burst_gives_back_goes_to_a_small_new_job_first() -> None:
    make_burst(WEEKLY)
    live_worker(permits=25)
    sends = take()
    urgent = make_job(titles=5)
    for send in sends[:5]:
        STORE.claim(send.item, send.delivery, "a:1")
        STORE.settle(send.item, send.delivery, Outcome(State.DONE))
    jobs = Item.objects.filter(pk__in=[send.item for send in take()]).values_list("job", flat=True)
    assert Counter(jobs) == {urgent.pk: 5}


@pytest.mark.parametrize("titles", [WEEKLY, 10 * WEEKLY])
def test_a_small_new_job_ends_two_minutes_later_however_large_another_is(titles: int) -> None:
    backlog = Backlog(lambda time: 25, lambda time: 2.0)
    backlog.run(60, [(0, titles)])
    urgent = backlog.submit(20)
    assert backlog.run_until_ended(urgent) <= 60 + HORIZON + 5


def test_two_bursts_share_the_window_by_their_weights() -> None:
    backlog = Backlog(lambda time: 25, lambda time: 2.0)
    light, heavy = backlog.submit(5_000), backlog.submit(5_000, weight=2)
    backlog.run(300)
    outstanding = backlog.store.outstanding()
    assert outstanding[heavy] == pytest.approx(2 * outstanding[light], rel=0.05)


def test_the_weekly_burst_ends_within_five_minutes_on_a_tenth_of_the_permits() -> None:
    backlog = Backlog(lambda time: ENRICHMENT.permits // 10, lambda time: 2.0)
    weekly = backlog.submit(WEEKLY, lane=Lane.LOW)
    assert backlog.run_until_ended(weekly) <= 300
