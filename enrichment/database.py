"""The item store in Django's database: every transition is one conditional UPDATE, by the database's own clock."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Now

from enrichment.models import Item
from enrichment.states import OUTSTANDING, RETRYABLE, State
from enrichment.store import QUEUE_LEASE, RUN_LEASE, SEND_LEASE, Outcome, Reaped, Send, Usage


class DatabaseStore:
    """An ItemStore over the items table. `clock` makes the expression for now; tests give a fixed time."""

    def __init__(self, clock: Callable[[], Any] = Now) -> None:
        self.clock = clock

    @transaction.atomic
    def dispatch(self, job: int, limit: int) -> list[Send]:
        due = Q(not_before=None) | Q(not_before__lte=self.clock())
        rows = list(
            Item.objects.filter(due, job=job, state=State.PENDING)
            .order_by("id")
            .select_for_update(skip_locked=True)
            .values_list("id", "delivery", "title_id")[:limit]
        )
        Item.objects.filter(pk__in=[row[0] for row in rows]).update(
            state=State.QUEUED, delivery=F("delivery") + 1, lease_until=self.clock() + SEND_LEASE
        )
        return [Send(item, delivery + 1, title) for item, delivery, title in rows]

    def confirm(self, sends: Collection[Send]) -> None:
        self._queued(sends).update(lease_until=self.clock() + QUEUE_LEASE)

    def put_back(self, sends: Collection[Send]) -> int:
        return self._queued(sends).update(state=State.PENDING)

    def _queued(self, sends: Collection[Send]) -> QuerySet[Item]:
        # Deliveries are few and mostly equal, so grouping by them keeps the condition short.
        by_delivery: dict[int, list[int]] = {}
        for send in sends:
            by_delivery.setdefault(send.delivery, []).append(send.item)
        wanted = Q(pk__in=[])
        for delivery, items in by_delivery.items():
            wanted |= Q(delivery=delivery, pk__in=items)
        return Item.objects.filter(wanted, state=State.QUEUED)

    def claim(self, item: int, delivery: int, worker: str) -> bool:
        changed = Item.objects.filter(pk=item, delivery=delivery, state=State.QUEUED).update(
            state=State.RUNNING,
            worker=worker,
            started_at=self.clock(),
            lease_until=self.clock() + RUN_LEASE,
        )
        return changed == 1

    def extend(self, worker: str, items: Collection[int]) -> None:
        Item.objects.filter(pk__in=items, worker=worker, state=State.RUNNING).update(
            lease_until=self.clock() + RUN_LEASE
        )

    def keep(self, item: int, delivery: int, usage: Usage, draft: dict[str, Any] | None) -> None:
        running = Item.objects.filter(pk=item, delivery=delivery, state=State.RUNNING)
        running.update(draft=draft, **_spent(usage))

    def settle(self, item: int, delivery: int, outcome: Outcome) -> bool:
        running = Item.objects.filter(pk=item, delivery=delivery, state=State.RUNNING)
        return running.update(**self._columns(outcome)) == 1

    def _columns(self, outcome: Outcome) -> dict[str, Any]:
        usage = outcome.usage
        columns: dict[str, Any] = {
            "state": outcome.state,
            "code": outcome.code,
            "message": outcome.message,
            "calls": F("calls") + usage.calls,
            "input_tokens": F("input_tokens") + usage.input_tokens,
            "output_tokens": F("output_tokens") + usage.output_tokens,
            "cost": F("cost") + usage.cost,
        }
        if outcome.state == State.PENDING:
            return columns | {
                "tries": F("tries") + outcome.tries,
                "snoozes": F("snoozes") + outcome.snoozes,
                "not_before": self.clock() + outcome.wait,
            }
        return columns | {
            "tries": F("tries") + outcome.tries,
            "ended_at": self.clock(),
            "draft": None,
        }

    @transaction.atomic
    def reap(self, crash_limit: int) -> Reaped:
        late = Item.objects.filter(lease_until__lt=self.clock())
        unsent = late.filter(state=State.QUEUED).update(state=State.PENDING)
        crashed = late.filter(state=State.RUNNING)
        poisonous = Q(crashes__gte=crash_limit - 1)
        quarantined = crashed.filter(poisonous).update(
            state=State.QUARANTINED,
            crashes=F("crashes") + 1,
            ended_at=self.clock(),
            code="worker_lost",
            message="The worker that held this item died each time.",
        )
        returned = crashed.filter(~poisonous).update(
            state=State.PENDING,
            crashes=F("crashes") + 1,
            code="worker_lost",
            message="The worker's lease ran out.",
        )
        return Reaped(unsent, returned, quarantined)

    def cancel(self, job: int) -> int:
        return Item.objects.filter(job=job, state__in=[State.PENDING, State.QUEUED]).update(
            state=State.CANCELLED, ended_at=self.clock()
        )

    def retry(self, job: int, items: Sequence[int] | None = None) -> int:
        chosen = Item.objects.filter(job=job, state__in=RETRYABLE)
        if items is not None:
            chosen = chosen.filter(pk__in=items)
        return chosen.update(
            state=State.PENDING, tries=0, crashes=0, not_before=None, ended_at=None
        )

    def counts(self, job: int) -> Mapping[State, int]:
        rows = Item.objects.filter(job=job).values_list("state").annotate(Count("pk")).order_by()
        return {State(state): count for state, count in rows}

    def outstanding(self) -> Mapping[int, int]:
        rows = (
            Item.objects.filter(state__in=OUTSTANDING)
            .values_list("job")
            .annotate(Count("pk"))
            .order_by()
        )
        return dict(rows)


def _spent(usage: Usage) -> dict[str, Any]:
    return {name: F(name) + value for name, value in asdict(usage).items() if value}


STORE = DatabaseStore()
