"""Which titles have been written about, by the items of all jobs."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Max, Q

from enrichment.changes import Text
from enrichment.models import Item
from enrichment.states import OPEN, State


def texts(titles: Collection[str]) -> dict[str, Text]:
    """What each of these titles has of texts; those of no job are absent."""
    items = Item.objects.filter(title__in=titles, offer_only=False).order_by()
    written = Max("pk", filter=Q(state__in=[*OPEN, State.DONE]))
    rows = items.values_list("title").annotate(last=Max("pk"), written=written)
    return {title: _text(last, written) for title, last, written in rows}


def _text(last: int, written: int | None) -> Text:
    """last, written: the last item of a title, and the last that wrote or will."""
    if written is None:
        return Text.NONE
    return Text.CURRENT if written == last else Text.OLD
