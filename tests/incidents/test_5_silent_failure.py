"""Incident 5: the catalogue refused every write, items ran for ever, answers were lost unnoticed.

Each failure is looked at from three sides: the item, the pool and the catalogue's row.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

import pytest
from django.conf import settings
from django.db.models.functions import Now

from enrichment import enrich, jobs
from enrichment.closing import close_jobs
from enrichment.dispatch import take
from enrichment.models import Item, Job
from enrichment.states import State
from enrichment.tasks import enrich_item
from local import ports
from mangaassist import aws, catalog
from mangaassist.blocking import FRESH
from mangaassist.models import PoolState
from mangaassist.resources import CATALOG_TABLE
from tests.enrichment.factories import make_job
from tests.incidents.conftest import (
    AnswerAll,
    deliver,
    deliver_again,
    policy,
    policy_with_the_old_name,
)
from tests.mangaassist.conftest import Account, forget_clients
from tests.simulator import Simulator

pytestmark = pytest.mark.django_db(transaction=True)


@dataclass(frozen=True)
class Seen:
    """What is left of one delivery: the item's row, the pool's block and the catalogue's row."""

    state: str
    code: str
    tries: int
    snoozes: int
    blocked_by: str
    in_catalogue: bool


def look(account: Account) -> Seen:
    """Looks at the only item there is."""
    forget_clients()
    account.act_as_root()
    item = Item.objects.get()
    pool = PoolState.objects.get()
    row = catalog.get(item.title_id)
    return Seen(item.state, item.code, item.tries, item.snoozes, pool.code, row is not None)


def items_written(account: Account) -> dict[str, set[int]]:
    """Title → the items that wrote its synopsis and tags, as the catalogue has it."""
    account.act_as_root()
    titles = Item.objects.values_list("title_id", flat=True)
    return {title: writers(catalog.get(title)) for title in titles}


def writers(row: dict[str, Any] | None) -> set[int]:
    return {int(row["enrichment"][kind]["item"]) for kind in ("synopsis", "tags")} if row else set()


def test_access_denied_after_a_rename_blocks_the_pool_and_keeps_the_item(
    worker: Account, simulator: Simulator
) -> None:
    make_job()
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    assert look(worker) == Seen(
        State.PENDING, "AccessDeniedException", tries=0, snoozes=1,
        blocked_by="AccessDeniedException", in_catalogue=False,
    )  # fmt: skip


def test_the_block_rings_once_and_says_what_to_repair(
    worker: Account, simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    make_job(titles=3)
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    deliver_again()
    rung = [record.getMessage() for record in caplog.records if record.levelno == logging.CRITICAL]
    assert len(rung) == 1
    assert "dynamodb:UpdateItem on table manga-catalog" in rung[0]
    assert "manage.py provision" in rung[0]


def test_an_answer_that_could_not_be_written_is_not_bought_again(
    worker: Account, simulator: Simulator
) -> None:
    make_job()
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    worker.act_with(policy(worker))
    deliver_again()
    assert look(worker).state == State.DONE
    assert (look(worker).in_catalogue, simulator.stats()["calls"]) == (True, 1)
    assert (Item.objects.get().calls, Item.objects.get().draft) == (1, None)


def test_messages_that_were_on_their_way_come_back_without_a_model_call(
    worker: Account, simulator: Simulator
) -> None:
    job = make_job(titles=4)
    worker.act_with(policy_with_the_old_name(worker))
    first, *others = take()
    enrich_item(first.item, first.delivery)
    enrich.gate.read_at -= FRESH  # The worker trusted what it knew for a second.
    for send in others:
        enrich_item(send.item, send.delivery)
    assert simulator.stats()["calls"] == 1
    assert job.items.filter(state=State.PENDING, tries=0).count() == 4
    assert items_written(worker) == {item.title_id: set() for item in job.items.all()}


def test_a_blocked_pool_sends_nothing_before_the_next_probe(
    worker: Account, simulator: Simulator
) -> None:
    make_job(titles=4)
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    assert take() == []
    PoolState.objects.update(probe_at=Now())
    assert len(take()) == 1
    assert take() == []


def test_a_probe_that_fails_keeps_the_pool_blocked(worker: Account, simulator: Simulator) -> None:
    make_job()
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    deliver_again()
    assert look(worker) == Seen(
        State.PENDING, "AccessDeniedException", tries=0, snoozes=2,
        blocked_by="AccessDeniedException", in_catalogue=False,
    )  # fmt: skip


def test_after_the_repair_one_probe_opens_the_pool_and_every_item_ends_done(
    worker: Account, simulator: Simulator
) -> None:
    job = make_job(titles=4)
    worker.act_with(policy_with_the_old_name(worker))
    deliver()
    worker.act_with(policy(worker))
    deliver_again()
    assert job.items.filter(state=State.DONE).count() == 1
    deliver()  # sees that the probe has ended, and opens
    deliver()
    assert items_written(worker) == {item.title_id: {item.pk} for item in job.items.all()}
    assert simulator.stats()["calls"] == 4
    close_jobs()
    job.refresh_from_db()
    assert (job.state, job.counts) == (Job.State.DONE, {"done": 4})


def test_a_missing_table_blocks_the_pool(worker: Account, simulator: Simulator) -> None:
    make_job()
    worker.act_as_root()
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    worker.act_with(policy(worker))
    deliver()
    item, pool = Item.objects.get(), PoolState.objects.get()
    assert (item.state, item.tries, item.code) == (State.PENDING, 0, "ResourceNotFoundException")
    assert (pool.code, "manage.py provision" in pool.message) == ("ResourceNotFoundException", True)


def test_a_code_that_nobody_has_heard_of_blocks_the_pool(
    worker: Account, simulator: Simulator, answer_all: AnswerAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    answer_all(400, "BrandNewException")
    deliver()
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    assert look(worker) == Seen(
        State.PENDING, "BrandNewException", tries=0, snoozes=1,
        blocked_by="BrandNewException", in_catalogue=False,
    )  # fmt: skip


def test_a_busy_table_costs_no_try_and_blocks_nothing(
    worker: Account, simulator: Simulator, answer_all: AnswerAll, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    answer_all(400, "ProvisionedThroughputExceededException")
    deliver()
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    assert look(worker) == Seen(
        State.PENDING, "ProvisionedThroughputExceededException", tries=0, snoozes=1,
        blocked_by="", in_catalogue=False,
    )  # fmt: skip


def test_a_busy_table_makes_the_item_wait(
    worker: Account, simulator: Simulator, answer_all: AnswerAll
) -> None:
    make_job()
    answer_all(400, "ProvisionedThroughputExceededException")
    deliver()
    assert Item.objects.filter(not_before__gt=Now()).exists()


def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_DYNAMODB", f"http://127.0.0.1:{ports.free()}")
    forget_clients()


def test_a_refused_connection_uses_a_try(
    worker: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    nobody_listens(monkeypatch)
    deliver()
    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB")
    assert look(worker) == Seen(
        State.PENDING,
        "EndpointConnectionError",
        tries=1,
        snoozes=0,
        blocked_by="",
        in_catalogue=False,
    )


def test_the_last_refused_connection_fails_the_item_with_its_reason(
    worker: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    Item.objects.update(tries=settings.ITEM_TRIES - 1)
    nobody_listens(monkeypatch)
    deliver()
    item = Item.objects.get()
    assert (item.state, item.code) == (State.FAILED, "EndpointConnectionError")
    assert "dynamodb:UpdateItem on table manga-catalog failed" in item.message


def break_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    """No server can make a bug, so it is put in here."""

    def put(*_: object) -> None:
        raise TypeError("a bug")

    monkeypatch.setattr(catalog, "put", put)


def test_a_bug_uses_a_try(
    worker: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    break_the_code(monkeypatch)
    deliver()
    assert look(worker) == Seen(
        State.PENDING, "unexpected", tries=1, snoozes=0, blocked_by="", in_catalogue=False
    )


def test_a_bug_in_every_try_fails_the_item_with_its_reason(
    worker: Account, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_job()
    break_the_code(monkeypatch)
    for _ in range(settings.ITEM_TRIES):
        deliver_again()
    item = Item.objects.get()
    assert (item.state, item.tries, item.code) == (State.FAILED, settings.ITEM_TRIES, "unexpected")
    assert item.message == f"TypeError: a bug (given up after {settings.ITEM_TRIES} tries)"
    assert simulator.stats()["calls"] == 1
    assert not look(worker).in_catalogue


def test_a_failed_item_can_be_retried_by_staff_and_ends_done(
    worker: Account, simulator: Simulator
) -> None:
    job = make_job()
    Item.objects.update(state=State.FAILED, ended_at=Now())
    close_jobs()
    assert jobs.retry(job.pk) == 1
    deliver()
    assert look(worker).state == State.DONE
    assert items_written(worker) == {item.title_id: {item.pk} for item in job.items.all()}
