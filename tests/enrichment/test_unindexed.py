"""Changes of titles are kept until the search knows them, and each worker has its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from enrichment import unindexed
from enrichment.models import Unindexed
from mangaassist.errors import Temporary, Throttled

pytestmark = pytest.mark.django_db


def change(*titles: str) -> None:
    for title in titles:
        Unindexed.objects.create(title_id=title)


def wait() -> int:
    """Seconds until the one change is due."""
    [(lease, now)] = Unindexed.objects.annotate(now=Now()).values_list("lease_until", "now")
    assert lease
    return round((lease - now).total_seconds())


def pass_time() -> None:
    Unindexed.objects.filter(lease_until__isnull=False).update(
        lease_until=Now() - timedelta(seconds=1)
    )


def test_changes_of_one_title_are_one_piece_of_work() -> None:
    change("A", "B", "A")
    batch = unindexed.take()
    assert unindexed.claim(batch) == ["A", "B"]
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
    assert (unindexed.claim(first), unindexed.claim(second)) == ([], ["A"])


def test_a_batch_that_was_not_sent_is_due_at_once() -> None:
    change("A")
    unindexed.free(unindexed.take())
    assert unindexed.take()


def test_a_failed_batch_waits_longer_each_time() -> None:
    change("A")
    waits = []
    for _ in range(3):
        unindexed.give_back(unindexed.take(), Temporary("opensearch_503", "Down."))
        waits.append(wait())
        pass_time()
    assert waits == [5, 10, 20]


def test_who_is_throttled_waits_as_long_as_told() -> None:
    change("A")
    unindexed.give_back(unindexed.take(), Throttled("opensearch_429", "Busy.", wait=40))
    assert wait() == 40


def test_no_more_is_out_than_workers_take_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(unindexed, "BATCH", 1)
    monkeypatch.setattr(unindexed, "MOST_OUT", 2)
    change("A", "B", "C")
    first, second = unindexed.take(), unindexed.take()
    assert first and second and not unindexed.take()
    unindexed.done(first, ["A"])
    assert unindexed.take()
