"""The item store in memory: the model that the database store is tested against."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from enrichment.states import ADOPTABLE, OUTSTANDING, RETRYABLE, TRANSITIONS, State
from enrichment.store import (
    NO_MESSAGE,
    QUEUE_LEASE,
    RUN_LEASE,
    SEND_LEASE,
    Claimed,
    Message,
    Outcome,
    Reaped,
    Send,
    Usage,
)


@dataclass
class Row:
    """One item as the store sees it."""

    item: int
    job: int
    title: str
    state: State = State.PENDING
    delivery: int = 0
    tries: int = 0
    crashes: int = 0
    code: str = ""
    not_before: datetime | None = None
    lease_until: datetime | None = None
    worker: str = ""
    draft: dict[str, Any] | None = None

    def move(self, to: State) -> None:
        """Changes the state. Raises ValueError for a way that the chart does not have."""
        if to not in TRANSITIONS[self.state]:
            raise ValueError(f"no way from {self.state} to {to}")
        self.state = to

    def begin_anew(self) -> None:
        """Waits to be sent, as if nothing had failed."""
        self.move(State.PENDING)
        self.tries = self.crashes = 0
        self.code = ""
        self.not_before = None


class MemoryStore:
    """An ItemStore over a dictionary, with the time of `clock`."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.rows: dict[int, Row] = {}
        self._of_job: defaultdict[int, list[Row]] = defaultdict(list)

    def add(self, item: int, job: int, title: str) -> None:
        self.rows[item] = Row(item, job, title)
        self._of_job[job].append(self.rows[item])

    def dispatch(self, job: int, limit: int) -> list[Send]:
        now = self.clock()
        due = [
            row
            for row in self._of_job[job]
            if row.state == State.PENDING and (row.not_before is None or row.not_before <= now)
        ]
        return [self._queue(row, now) for row in due[:limit]]

    def _queue(self, row: Row, now: datetime) -> Send:
        row.move(State.QUEUED)
        row.delivery += 1
        row.lease_until = now + SEND_LEASE
        return Send(row.item, row.delivery, row.title)

    def confirm(self, sends: Collection[Send]) -> None:
        for row in self._queued(sends):
            row.lease_until = self.clock() + QUEUE_LEASE

    def put_back(self, sends: Collection[Send]) -> int:
        rows = list(self._queued(sends))
        for row in rows:
            row.move(State.PENDING)
        return len(rows)

    def recall(self, job: int) -> int:
        rows = [r for r in self.rows.values() if r.job == job and r.state == State.QUEUED]
        for row in rows:
            row.move(State.PENDING)
        return len(rows)

    def _queued(self, sends: Collection[Send]) -> Iterator[Row]:
        for send in sends:
            row = self.rows[send.item]
            if row.state == State.QUEUED and row.delivery == send.delivery:
                yield row

    def claim(
        self, item: int, delivery: int, worker: str, message: Message = NO_MESSAGE
    ) -> Claimed | None:
        row = self.rows[item]
        if row.state != State.QUEUED or row.delivery != delivery:
            return None
        row.move(State.RUNNING)
        row.worker = worker
        row.lease_until = self.clock() + RUN_LEASE
        return Claimed(item, delivery, row.job, row.title, row.draft)

    def extend(self, worker: str, items: Collection[int]) -> None:
        for item in items:
            row = self.rows[item]
            if row.state == State.RUNNING and row.worker == worker:
                row.lease_until = self.clock() + RUN_LEASE

    def keep(self, item: int, delivery: int, usage: Usage, draft: dict[str, Any] | None) -> None:
        row = self.rows[item]
        if row.state == State.RUNNING and row.delivery == delivery:
            row.draft = draft

    def settle(self, item: int, delivery: int, outcome: Outcome) -> bool:
        row = self.rows[item]
        if row.state != State.RUNNING or row.delivery != delivery:
            return False
        row.move(outcome.state)
        row.tries += outcome.tries
        row.code = outcome.code
        if outcome.state != State.PENDING:
            row.draft = None
        row.not_before = self.clock() + outcome.wait
        return True

    def reap(self, crash_limit: int) -> Reaped:
        now = self.clock()
        late = [
            row
            for row in self._outstanding()
            if row.lease_until is not None and row.lease_until < now
        ]
        unsent = [row for row in late if row.state == State.QUEUED]
        crashed = [row for row in late if row.state == State.RUNNING]
        for row in crashed:
            row.crashes += 1
            row.code = "worker_lost"
        lost = [row for row in crashed if row.crashes >= crash_limit]
        for row in late:
            row.move(State.QUARANTINED if row in lost else State.PENDING)
        return Reaped(len(unsent), len(crashed) - len(lost), len(lost))

    def cancel(self, job: int) -> int:
        rows = [
            r
            for r in self.rows.values()
            if r.job == job and r.state in (State.PENDING, State.QUEUED)
        ]
        for row in rows:
            row.move(State.CANCELLED)
        return len(rows)

    def retry(self, job: int, items: Sequence[int] | None = None, code: str = "") -> int:
        rows = [
            row
            for row in self.rows.values()
            if row.job == job
            and row.state in RETRYABLE
            and (items is None or row.item in items)
            and code in ("", row.code)
        ]
        for row in rows:
            row.begin_anew()
        return len(rows)

    def adopt(self, items: Collection[int]) -> int:
        rows = [row for item in items if (row := self.rows[item]).state in ADOPTABLE]
        for row in rows:
            row.move(State.DONE)
            row.code = ""
            row.crashes = 0
            row.draft = None
        return len(rows)

    def redo(self, items: Collection[int]) -> int:
        rows = [row for item in items if (row := self.rows[item]).state == State.DONE]
        for row in rows:
            row.begin_anew()
        return len(rows)

    def counts(self, job: int) -> Mapping[State, int]:
        return Counter(row.state for row in self.rows.values() if row.job == job)

    def outstanding(self) -> Mapping[int, int]:
        return Counter(row.job for row in self._outstanding())

    def _outstanding(self) -> list[Row]:
        return [row for row in self.rows.values() if row.state in OUTSTANDING]
