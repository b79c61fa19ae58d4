"""What the Celery task makes of a delivery that fails, for item, pool and log."""

from __future__ import annotations

import logging
from typing import Any

import pytest
from django.conf import settings
from structlog.contextvars import clear_contextvars, get_contextvars

from enrichment import enrich
from enrichment.dispatch import take
from enrichment.models import Item
from enrichment.states import State
from enrichment.tasks import enrich_item
from mangaassist.celery import app
from mangaassist.errors import Failure, Misconfigured, Refused, Rejected, Temporary, Throttled
from mangaassist.models import PoolState
from tests.enrichment.factories import make_job

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("new_gate")]


def deliver(monkeypatch: pytest.MonkeyPatch, error: Exception) -> Item:
    """An item after a delivery that failed so."""

    def work(*_: object) -> None:
        raise error

    monkeypatch.setattr(enrich, "_work", work)
    make_job()
    [send] = take()
    enrich_item(send.item, send.delivery)
    return Item.objects.get()


@pytest.mark.parametrize(
    ("failure", "state", "tries", "snoozes"),
    [
        (Throttled("c", "m"), State.PENDING, 0, 1),
        (Misconfigured("c", "m"), State.PENDING, 0, 1),
        (Temporary("c", "m"), State.PENDING, 1, 0),
        (Rejected("c", "m"), State.FAILED, 1, 0),
        (Refused("c", "m"), State.REFUSED, 1, 0),
    ],
)
def test_a_failure_settles_the_item(
    monkeypatch: pytest.MonkeyPatch, failure: Failure, state: State, tries: int, snoozes: int
) -> None:
    item = deliver(monkeypatch, failure)
    assert (item.state, item.tries, item.snoozes) == (state, tries, snoozes)
    assert (item.code, item.message) == ("c", "m")


@pytest.mark.parametrize(
    ("failure", "blocked"),
    [(Misconfigured("c", "m"), True), (Temporary("c", "m"), False), (Throttled("c", "m"), False)],
)
def test_only_a_misconfiguration_blocks_the_pool(
    monkeypatch: pytest.MonkeyPatch, failure: Failure, blocked: bool
) -> None:
    deliver(monkeypatch, failure)
    assert (PoolState.objects.get().blocked_at is not None) == blocked


def test_the_last_try_fails_the_item(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "ITEM_TRIES", 1)
    assert deliver(monkeypatch, Temporary("c", "m")).state == State.FAILED


def test_the_log_of_a_failure_names_job_item_delivery_and_code(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    item = deliver(monkeypatch, Temporary("cut", "The line was cut."))
    [said] = [event(record) for record in caplog.records if record.levelno == logging.ERROR]
    assert said["event"] == "task_failed"
    assert (said["job"], said["item"], said["delivery"]) == (item.job_id, item.pk, 1)
    assert said["code"] == "cut"


def test_no_later_line_of_the_thread_names_the_job(monkeypatch: pytest.MonkeyPatch) -> None:
    clear_contextvars()
    deliver(monkeypatch, Temporary("cut", "The line was cut."))
    assert not {"job", "item"} & set(get_contextvars())


def test_a_throttle_is_no_error_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    deliver(monkeypatch, Throttled("c", "m"))
    assert [record.levelno for record in caplog.records if record.levelno > logging.INFO] == [
        logging.WARNING
    ]


def test_workers_know_the_task_by_its_name() -> None:
    assert app.tasks["enrich_item"].name == enrich_item.name


def event(record: logging.LogRecord) -> dict[str, Any]:
    assert isinstance(record.msg, dict)
    return record.msg


def test_an_item_knows_the_message_that_brought_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enrich, "_work", lambda *_: None)
    make_job()
    [send] = take()
    raw = {"MessageId": "m-1", "Attributes": {"ApproximateReceiveCount": "3"}}
    enrich_item.push_request(properties={"delivery_info": {"sqs_message": raw}})
    enrich_item.run(send.item, send.delivery)
    enrich_item.pop_request()
    item = Item.objects.get()
    assert (item.message_id, item.receives) == ("m-1", 3)
