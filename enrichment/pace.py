"""How fast items end: measured from the last ones, so that estimates need no model of the world."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.db.models.functions import Now

from enrichment.models import Item
from enrichment.states import OUTSTANDING, State
from mangaassist import presence
from mangaassist.pools import ENRICHMENT

LATELY = timedelta(seconds=60)
RECENT = 500  # items


class Basis(StrEnum):
    """Where a rate comes from."""

    LAST_MINUTE = "last_minute"  # counted while all workers were busy
    RECENT_ITEMS = "recent_items"  # living workers, and how long each of the last items took
    NONE = "none"  # nothing has ever ended


@dataclass(frozen=True)
class Pace:
    """rate: items per second that the living workers can end; 0 when nobody knows."""

    rate: float
    basis: Basis

    def seconds(self, items: int) -> float | None:
        """How long so many items take; None when nobody knows."""
        return items / self.rate if self.rate else None


def throughput() -> float:
    """Items with a call that ended per second over the last minute, of all jobs."""
    lately = Item.objects.filter(ended_at__gt=Now() - LATELY, offer_only=False)
    ended = lately.exclude(state=State.CANCELLED)
    return ended.count() / LATELY.total_seconds()


def pace() -> Pace:
    """The last minute's rate while workers are busy, otherwise what they could do."""
    counted = throughput()
    permits = presence.permits(ENRICHMENT.name)
    busy = Item.objects.filter(state__in=OUTSTANDING).count() >= permits
    if counted and busy:
        return Pace(counted, Basis.LAST_MINUTE)
    seconds = _seconds_per_item()
    if permits and seconds:
        return Pace(max(counted, permits / seconds), Basis.RECENT_ITEMS)
    return Pace(counted, Basis.LAST_MINUTE if counted else Basis.NONE)


def _seconds_per_item() -> float | None:
    done = Item.objects.filter(state=State.DONE, ended_at__isnull=False, offer_only=False)
    times = done.order_by("-ended_at").values_list("started_at", "ended_at")[:RECENT]
    took = [(ended - started).total_seconds() for started, ended in times if started and ended]
    return sum(took) / len(took) if took else None
