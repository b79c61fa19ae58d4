"""The base of every task: whatever happens in one, somebody decides what it means."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from typing import Any, ClassVar

import celery
import pytest
from pytest_django import Settings

from mangaassist.activity import Tally
from mangaassist.celery import Task
from mangaassist.celery import app as product
from mangaassist.errors import Failure, Rejected, Temporary, Throttled

# A task gives its database connections back at its end.
pytestmark = pytest.mark.django_db(transaction=True)


def test_polls_are_as_long_as_the_setting_says(settings: Settings) -> None:
    polls = product.conf.broker_transport_options["wait_time_seconds"]
    assert polls == settings.POLL_SECONDS == int(os.environ["POLL_SECONDS"])


class Noting(Task):
    """Notes what it was asked to settle."""

    abstract = True
    arguments: ClassVar = ("item", "delivery")
    settled: ClassVar[list[tuple[Failure, int, int]]] = []

    def settle(self, failure: Failure, item: int, delivery: int) -> None:
        self.settled.append((failure, item, delivery))


class Stuck(Task):
    """Cannot even settle."""

    abstract = True

    def settle(self, failure: Failure, *args: Any) -> None:
        raise ConnectionError("The database is gone.")


@pytest.fixture
def tally(monkeypatch: pytest.MonkeyPatch) -> Tally:
    tally = Tally()
    monkeypatch.setattr("mangaassist.celery.tally", tally)
    return tally


@pytest.fixture
def app() -> Iterator[celery.Celery]:
    Noting.settled.clear()
    app = celery.Celery("celery-tests", set_as_current=False, fixups=[])
    yield app
    app.close()


def failing(app: celery.Celery, error: Exception, base: type[Task] = Noting) -> Any:
    @app.task(base=base, name="failing", shared=False)
    def fail(item: int, delivery: int) -> None:
        raise error

    return fail


def test_a_task_that_ends_well_is_counted(app: celery.Celery, tally: Tally) -> None:
    @app.task(base=Noting, name="working", shared=False)
    def work(item: int, delivery: int) -> None:
        """Has nothing to do."""

    work(1, 2)
    assert (tally.done, tally.failed, Noting.settled) == (1, 0, [])


def test_a_failure_is_settled_with_the_tasks_arguments(app: celery.Celery, tally: Tally) -> None:
    rejected = Rejected("c", "m")
    failing(app, rejected)(1, 2)
    assert Noting.settled == [(rejected, 1, 2)]
    assert (tally.done, tally.failed) == (0, 1)


def test_any_exception_is_classified_first(app: celery.Celery, tally: Tally) -> None:
    failing(app, KeyError("bug"))(1, 2)
    [(failure, _, _)] = Noting.settled
    assert (type(failure), failure.code) == (Temporary, "unexpected")


@pytest.mark.parametrize(
    ("error", "level"),
    [(KeyError("bug"), logging.ERROR), (Throttled("c", "m"), logging.WARNING)],
)
def test_a_failure_is_logged_as_loudly_as_it_deserves(
    app: celery.Celery, caplog: pytest.LogCaptureFixture, error: Exception, level: int
) -> None:
    failing(app, error)(1, 2)
    assert [record.levelno for record in caplog.records] == [level]


def test_a_failure_that_cannot_be_settled_stays_with_sqs(app: celery.Celery) -> None:
    with pytest.raises(ConnectionError):
        failing(app, KeyError("bug"), Stuck)(1, 2)


def test_sqs_keeps_a_message_until_its_task_has_ended_well() -> None:
    assert product.conf.task_acks_late
    assert not product.conf.task_acks_on_failure


def test_logs_of_a_task_name_its_arguments(
    app: celery.Celery, caplog: pytest.LogCaptureFixture
) -> None:
    failing(app, KeyError("bug"))(1, 2)
    said: Any = caplog.records[0].msg
    assert (said["task"], said["item"], said["delivery"]) == ("failing", 1, 2)
