"""Changes of titles are kept until the search knows them, and each worker has its own."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext

from enrichment import unindexed
from enrichment.models import Unindexed
from mangaassist.errors import Failure, Temporary, Throttled

pytestmark = pytest.mark.django_db


def change(*titles: str) -> None:
    for title in titles:
        Unindexed.objects.create(title_id=title)


def clock() -> datetime:
    """Of the database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        [found] = cursor.fetchone()
    assert isinstance(found, datetime)
    return found


def waits(seconds: int, failure: Failure) -> bool:
    """Whether the one change, given back, is due after so many seconds."""
    batch, pause, before = unindexed.take(), timedelta(seconds=seconds), clock()
    unindexed.give_back(batch, failure)
    lease = Unindexed.objects.get().lease_until
    return lease is not None and before + pause <= lease <= clock() + pause


def plan(sql: str) -> str:
    """How the database would find the rows of a large table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {sql}")
        return "\n".join(line for (line,) in cursor.fetchall())


def pass_time() -> None:
    Unindexed.objects.filter(lease_until__isnull=False).update(
        lease_until=Now() - timedelta(seconds=1)
    )


def test_changes_of_one_title_are_one_piece_of_work() -> None:
    change("A", "B", "A")
    batch = unindexed.take()
    assert unindexed.claim(batch) == {"A": None, "B": None}
    assert unindexed.take() == ""


def test_what_is_done_is_forgotten_and_a_later_change_is_not() -> None:
    change("A", "B")
    batch = unindexed.take()
    change("A")
    unindexed.done(batch, ["A", "B"])
    assert list(Unindexed.objects.values_list("title_id", "batch")) == [("A", "")]


def test_a_batch_of_a_dead_worker_is_taken_again_and_its_message_is_stale() -> None:
    change("A")
    first = unindexed.take()
    pass_time()
    second = unindexed.take()
    assert (unindexed.claim(first), unindexed.claim(second)) == ({}, {"A": None})


def test_what_was_written_is_looked_for_when_searches_have_had_time_to_see_it() -> None:
    change("A", "B")
    batch = unindexed.take()
    unindexed.written(batch, {"A": 7, "B": 8})
    assert unindexed.take() == ""
    pass_time()
    assert unindexed.claim(unindexed.take()) == {"A": 7, "B": 8}


def test_what_no_search_sees_is_written_again() -> None:
    change("A", "B")
    unindexed.written(unindexed.take(), {"A": 7, "B": 7})
    pass_time()
    batch = unindexed.take()
    unindexed.unseen(batch, ["B"])
    assert unindexed.claim(batch) == {"A": 7, "B": None}


def test_a_later_change_of_a_title_is_written_before_the_earlier_is_looked_for() -> None:
    change("A")
    unindexed.written(unindexed.take(), {"A": 7})
    pass_time()
    change("A")
    assert unindexed.claim(unindexed.take()) == {"A": None}


def test_a_batch_that_was_not_sent_is_due_at_once() -> None:
    change("A")
    unindexed.free(unindexed.take())
    assert unindexed.take()


def test_a_failed_batch_waits_longer_each_time() -> None:
    change("A")
    for seconds in (5, 10, 20):
        assert waits(seconds, Temporary("opensearch_503", "Down."))
        pass_time()


def test_who_is_throttled_waits_as_long_as_told() -> None:
    change("A")
    assert waits(40, Throttled("opensearch_429", "Busy.", wait=40))


def test_no_more_is_out_than_workers_take_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unindexed, "BATCH", 1)
    monkeypatch.setattr(unindexed, "MOST_OUT", 2)
    change("A", "B", "C")
    first, second = unindexed.take(), unindexed.take()
    assert first and second and not unindexed.take()
    unindexed.done(first, ["A"])
    assert unindexed.take()


def test_batches_are_found_without_a_look_at_all_that_waits() -> None:
    change("A")
    with CaptureQueriesContext(connection) as queries:
        unindexed.claim(unindexed.take())
    asked = [one["sql"] for one in queries if '"batch"' in one["sql"].partition("WHERE")[2]]
    assert len(asked) == 3
    for sql in asked:
        assert "batch_out" in plan(sql)
