"""Both stores walk through the same random histories and must give the same answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    MultipleResults,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from enrichment.database import DatabaseStore
from enrichment.memory import MemoryStore
from enrichment.models import Item
from enrichment.states import TRANSITIONS, State
from enrichment.store import Outcome, Send
from tests.enrichment.factories import make_job

CRASH_LIMIT = 3
OUTCOMES = (
    Outcome(State.DONE),
    Outcome(State.FAILED, code="bad", tries=1),
    Outcome(State.REFUSED, code="refused", tries=1),
    Outcome(State.PENDING, code="busy", wait=timedelta(seconds=20), snoozes=1),
    Outcome(State.PENDING, code="retry", wait=timedelta(seconds=5), tries=1),
)
workers = st.sampled_from(["a:1", "b:2"])


class Histories(RuleBasedStateMachine):
    """Two jobs of three titles, random steps, and a clock that only the test moves."""

    sends: Bundle[Send] = Bundle("sends")

    def __init__(self) -> None:
        super().__init__()
        self.sandbox = transaction.atomic()
        self.sandbox.__enter__()
        self.now = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
        self.memory = MemoryStore(lambda: self.now)
        self.database = DatabaseStore(lambda: self.now)
        self.stores = (self.memory, self.database)
        self.jobs = [make_job(titles=3).pk for _ in range(2)]
        for item in Item.objects.filter(job__in=self.jobs).order_by("pk"):
            self.memory.add(item.pk, item.job_id, item.title_id)
        self.before = {item: (row.state, row.delivery) for item, row in self.memory.rows.items()}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.sandbox.__exit__(None, None, None)

    @rule(target=sends, job=st.integers(0, 1), limit=st.integers(0, 4))
    def dispatch(self, job: int, limit: int) -> MultipleResults[Send]:
        taken, same = (store.dispatch(self.jobs[job], limit) for store in self.stores)
        assert taken == same
        assert len(taken) <= limit
        return multiple(*taken)

    @rule(send=sends)
    def confirm(self, send: Send) -> None:
        for store in self.stores:
            store.confirm([send])

    @rule(send=sends)
    def put_back(self, send: Send) -> None:
        first, second = (store.put_back([send]) for store in self.stores)
        assert first == second

    @rule(job=st.integers(0, 1))
    def recall(self, job: int) -> None:
        first, second = (store.recall(self.jobs[job]) for store in self.stores)
        assert first == second

    @rule(send=sends, worker=workers)
    def claim(self, send: Send, worker: str) -> None:
        first, second = (store.claim(send.item, send.delivery, worker) for store in self.stores)
        assert first == second

    @rule(send=sends, worker=workers)
    def extend(self, send: Send, worker: str) -> None:
        for store in self.stores:
            store.extend(worker, [send.item])

    @rule(send=sends, outcome=st.sampled_from(OUTCOMES))
    def settle(self, send: Send, outcome: Outcome) -> None:
        first, second = (store.settle(send.item, send.delivery, outcome) for store in self.stores)
        assert first == second

    @rule(seconds=st.sampled_from([1, 10, 31, 61, 301]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def reap(self) -> None:
        first, second = (store.reap(CRASH_LIMIT) for store in self.stores)
        assert first == second

    @rule(job=st.integers(0, 1))
    def cancel(self, job: int) -> None:
        first, second = (store.cancel(self.jobs[job]) for store in self.stores)
        assert first == second

    @rule(job=st.integers(0, 1), code=st.sampled_from(["", "bad", "worker_lost"]))
    def retry(self, job: int, code: str) -> None:
        first, second = (store.retry(self.jobs[job], code=code) for store in self.stores)
        assert first == second

    @rule(send=sends)
    def adopt(self, send: Send) -> None:
        first, second = (store.adopt([send.item]) for store in self.stores)
        assert first == second

    @rule(send=sends)
    def redo(self, send: Send) -> None:
        first, second = (store.redo([send.item]) for store in self.stores)
        assert first == second

    @invariant()
    def both_stores_hold_the_same_items(self) -> None:
        rows = Item.objects.filter(job__in=self.jobs).values_list(
            "pk", "state", "delivery", "crashes"
        )
        assert {row[0]: row[1:] for row in rows} == {
            item: (row.state, row.delivery, row.crashes) for item, row in self.memory.rows.items()
        }
        for job in self.jobs:
            assert dict(self.memory.counts(job)) == dict(self.database.counts(job))
        assert dict(self.memory.outstanding()) == dict(self.database.outstanding())

    @invariant()
    def items_move_along_the_chart_and_deliveries_grow(self) -> None:
        for item, row in self.memory.rows.items():
            state, delivery = self.before[item]
            assert row.state == state or row.state in TRANSITIONS[state]
            assert row.delivery == delivery + (state == State.PENDING and row.state == State.QUEUED)
            self.before[item] = (row.state, row.delivery)

    @invariant()
    def an_item_is_given_up_after_its_last_crash(self) -> None:
        for row in self.memory.rows.values():
            assert row.crashes <= CRASH_LIMIT
            assert (row.state == State.QUARANTINED) == (row.crashes == CRASH_LIMIT)


@pytest.mark.django_db
def test_the_database_store_behaves_like_the_model() -> None:
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=40,
            stateful_step_count=40,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
