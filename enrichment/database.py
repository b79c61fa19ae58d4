"""The item store in Django's database: every transition is one conditional UPDATE."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now

from enrichment import failed_delivery
from enrichment.models import Item
from enrichment.states import ADOPTABLE, OUTSTANDING, RETRYABLE, State
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

# The database's own clock, so many seconds from now.
CLOCKS = {
    "postgresql": "STATEMENT_TIMESTAMP() + %s * INTERVAL '1 second'",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'NOW', %s || ' seconds')",
}


class DatabaseStore:
    """An ItemStore over the items table, by the database's clock; tests give one of their own.

    Claim and settle run once for every title, so they are written in SQL: compiling the same
    expressions each time would cost more than running them.
    """

    def __init__(self, clock: Callable[[], datetime] | None = None) -> None:
        self._clock = clock

    def now(self) -> Any:
        return Now() if self._clock is None else self._clock()

    def _time(self, after: timedelta) -> tuple[str, Any]:
        """SQL and its one parameter for the time so long from now."""
        if self._clock is not None:
            return "%s", self._clock() + after
        return CLOCKS[connection.vendor], after.total_seconds()

    @transaction.atomic
    def dispatch(self, job: int, limit: int) -> list[Send]:
        due = Q(not_before=None) | Q(not_before__lte=self.now())
        rows = list(
            Item.objects.filter(due, job=job, state=State.PENDING)
            .order_by("id")
            .select_for_update(skip_locked=True)
            .values_list("id", "delivery", "title_id")[:limit]
        )
        Item.objects.filter(pk__in=[row[0] for row in rows]).update(
            state=State.QUEUED,
            delivery=F("delivery") + 1,
            queued_at=self.now(),
            lease_until=self.now() + SEND_LEASE,
        )
        return [Send(item, delivery + 1, title) for item, delivery, title in rows]

    def confirm(self, sends: Collection[Send]) -> None:
        self._queued(sends).update(lease_until=self.now() + QUEUE_LEASE)

    def put_back(self, sends: Collection[Send]) -> int:
        return self._queued(sends).update(state=State.PENDING)

    def recall(self, job: int) -> int:
        return Item.objects.filter(job=job, state=State.QUEUED).update(state=State.PENDING)

    def _queued(self, sends: Collection[Send]) -> QuerySet[Item]:
        # Deliveries are few and mostly equal, so grouping by them keeps the condition short.
        by_delivery: dict[int, list[int]] = {}
        for send in sends:
            by_delivery.setdefault(send.delivery, []).append(send.item)
        wanted = Q(pk__in=[])
        for delivery, items in by_delivery.items():
            wanted |= Q(delivery=delivery, pk__in=items)
        return Item.objects.filter(wanted, state=State.QUEUED)

    def claim(
        self, item: int, delivery: int, worker: str, message: Message = NO_MESSAGE
    ) -> Claimed | None:
        (started, now), (until, lease) = self._time(timedelta(0)), self._time(RUN_LEASE)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE enrichment_item SET state = 'running', worker = %s,"  # noqa: S608
                f" started_at = {started}, lease_until = {until}, message_id = %s, receives = %s"
                " WHERE id = %s AND delivery = %s AND state = 'queued'"
                " RETURNING job_id, title_id, draft, offer_only",
                [worker, now, lease, message.id, message.receives, item, delivery],
            )
            row = cursor.fetchone()
        if row is None:
            return None
        job, title, draft, offer_only = row
        kept = json.loads(draft) if draft else None
        return Claimed(item, delivery, job, title, kept, bool(offer_only))

    def extend(self, worker: str, items: Collection[int]) -> None:
        Item.objects.filter(pk__in=items, worker=worker, state=State.RUNNING).update(
            lease_until=self.now() + RUN_LEASE
        )

    def keep(self, item: int, delivery: int, usage: Usage, draft: dict[str, Any] | None) -> None:
        running = Item.objects.filter(pk=item, delivery=delivery, state=State.RUNNING)
        used = asdict(usage)
        request_id = used.pop("request_id")
        last_call = {"request_id": request_id} if request_id else {}
        spent = {name: F(name) + value for name, value in used.items()}
        running.update(draft=draft, **spent, **last_call)

    def settle(self, item: int, delivery: int, outcome: Outcome) -> bool:
        pending = outcome.state == State.PENDING
        time, seconds = self._time(outcome.wait if pending else timedelta(0))
        ending = f"not_before = {time}" if pending else f"draft = NULL, ended_at = {time}"
        usage = outcome.usage
        noting = transaction.atomic() if outcome.tries else nullcontext()
        with noting, connection.cursor() as cursor:
            cursor.execute(
                "UPDATE enrichment_item SET state = %s, code = %s, message = %s,"  # noqa: S608
                " tries = tries + %s, snoozes = snoozes + %s, calls = calls + %s,"
                " input_tokens = input_tokens + %s,"
                f" output_tokens = output_tokens + %s, cost = cost + %s, {ending},"
                " request_id = COALESCE(NULLIF(%s, ''), request_id)"
                " WHERE id = %s AND delivery = %s AND state = 'running'",
                [
                    outcome.state, outcome.code, outcome.message, outcome.tries, outcome.snoozes,
                    usage.calls, usage.input_tokens, usage.output_tokens, usage.cost,
                    seconds, usage.request_id, item, delivery,
                ],
            )  # fmt: skip
            settled = bool(cursor.rowcount == 1)
            if settled and outcome.tries:
                failed_delivery.note(Item.objects.filter(pk=item))
        return settled

    @transaction.atomic
    def reap(self, crash_limit: int) -> Reaped:
        late = Item.objects.filter(lease_until__lt=self.now())
        unsent = late.filter(state=State.QUEUED).update(state=State.PENDING)
        dead = late.filter(state=State.RUNNING).select_for_update()
        crashed = Item.objects.filter(pk__in=list(dead.values_list("pk", flat=True)))
        poisonous = Q(crashes__gte=crash_limit - 1)
        quarantined = crashed.filter(poisonous).update(
            state=State.QUARANTINED,
            crashes=F("crashes") + 1,
            ended_at=self.now(),
            code="worker_lost",
            message="The worker that held this item died each time.",
        )
        returned = crashed.filter(~poisonous).update(
            state=State.PENDING,
            crashes=F("crashes") + 1,
            code="worker_lost",
            message="The worker's lease ran out.",
        )
        failed_delivery.note(crashed)
        return Reaped(unsent, returned, quarantined)

    def cancel(self, job: int) -> int:
        return Item.objects.filter(job=job, state__in=[State.PENDING, State.QUEUED]).update(
            state=State.CANCELLED, ended_at=self.now()
        )

    def retry(self, job: int, items: Sequence[int] | None = None, code: str = "") -> int:
        return _begin_anew(retryable(job, items, code))

    def adopt(self, items: Collection[int]) -> int:
        written = Item.objects.filter(pk__in=items, state__in=ADOPTABLE)
        return written.update(
            state=State.DONE, crashes=0, code="", message="", draft=None, ended_at=self.now()
        )

    def redo(self, items: Collection[int]) -> int:
        return _begin_anew(Item.objects.filter(pk__in=items, state=State.DONE))

    def counts(self, job: int) -> Mapping[State, int]:
        rows = Item.objects.filter(job=job).values_list("state").annotate(n=Count("*")).order_by()
        return {State(state): count for state, count in rows}

    def outstanding(self) -> Mapping[int, int]:
        rows = (
            Item.objects.filter(state__in=OUTSTANDING)
            .values_list("job")
            .annotate(n=Count("*"))
            .order_by()
        )
        return dict(rows)


def _begin_anew(items: QuerySet[Item]) -> int:
    return items.update(
        state=State.PENDING, tries=0, crashes=0, code="", message="", not_before=None,
        ended_at=None,
    )  # fmt: skip


def retryable(job: int, items: Sequence[int] | None = None, code: str = "") -> QuerySet[Item]:
    """What `retry` would give fresh tries."""
    chosen = Item.objects.filter(job=job, state__in=RETRYABLE)
    if code:
        chosen = chosen.filter(code=code)
    return chosen if items is None else chosen.filter(pk__in=items)


STORE = DatabaseStore()
