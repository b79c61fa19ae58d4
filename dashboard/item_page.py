"""The page of one item: its way so far, what it used, and what the catalogue now holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.admin.views.decorators import staff_member_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from dashboard.access import entering, may_act
from dashboard.item_texts import FIELDS, ITEM_WORDS
from dashboard.job_texts import ITEM_STATES
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from dashboard.upload_texts import KINDS, LANGUAGES
from enrichment.causes import FIXES, RETRY
from enrichment.failed_delivery import FailedDelivery
from enrichment.kinds import Field, fields
from enrichment.models import Item, Job
from enrichment.results import line
from enrichment.roles import within_reach
from enrichment.states import RETRYABLE, State
from mangaassist import catalog
from mangaassist.errors import Failure
from mangaassist.language import Language

WRITER = (
    "item", "delivery", "model", "promptVersion", "inputTokens", "outputTokens", "costUsd",
    "inputHash", "lastUpdated",
)  # fmt: skip


@dataclass(frozen=True)
class Written:
    """One text of the catalogue. mine: whether this item wrote it; by: which send of which item."""

    name: str
    text: str
    mine: bool
    by: dict[str, Any]


@dataclass(frozen=True)
class Delivery:
    """One delivery. The amounts are its own: what its row says less what was there before it."""

    row: Item | FailedDelivery
    result: str
    request_id: str
    calls: int
    input_tokens: int
    output_tokens: int
    cost: Decimal

    @classmethod
    def of(cls, row: Item | FailedDelivery, before: Item | FailedDelivery, result: str) -> Delivery:
        return cls(
            row, result, row.request_id if row.request_id != before.request_id else "",
            row.calls - before.calls, row.input_tokens - before.input_tokens,
            row.output_tokens - before.output_tokens, row.cost - before.cost,
        )  # fmt: skip


@staff_member_required
@entering
@require_safe
def item_page(request: HttpRequest, pk: int) -> HttpResponse:
    """An item, as a page of its own or in the drawer of its job."""
    reached = within_reach(Job.objects.all(), request.user, acting=False)
    rows = Item.objects.filter(job__in=reached).select_related("title", "job__release")
    item, language = get_object_or_404(rows, pk=pk), language_of(request)
    acts = item.state in RETRYABLE and may_act(request.user, item.job)
    context = {
        "texts": words(language, ITEM_WORDS),
        "item": item,
        "state": in_(language, ITEM_STATES[State(item.state)]),
        "fix": in_(language, FIXES.get(item.code, RETRY)) if item.code else "",
        "facts": list(facts(item, language)),
        "deliveries": list(deliveries(item, language)),
        "retry": acts,
        **read_back(item, language),
    }
    return show(request, "dashboard/item.html", "jobs", context)


def facts(item: Item, language: Language) -> Iterator[tuple[str, Any]]:
    """What the database knows, by its name; what is empty is left out."""
    for name, text in FIELDS.items():
        value = getattr(item, name)
        if value not in (None, ""):
            yield in_(language, text), value


def deliveries(item: Item, language: Language) -> Iterator[Delivery]:
    """Those that failed, the oldest first, and the one that the item tells of now."""
    before: Item | FailedDelivery = Item()
    for failed in item.failed_deliveries.order_by("pk"):
        yield Delivery.of(failed, before, failed.code)
        before = failed
    if _has_begun(item) and item.delivery != before.delivery:
        said = item.code or in_(language, ITEM_STATES[State(item.state)])
        yield Delivery.of(item, before, said)


def _has_begun(item: Item) -> bool:
    """Whether a worker took the last delivery; else the item still tells of the one before it."""
    if item.started_at is None:
        return False
    return item.queued_at is None or item.queued_at <= item.started_at


def read_back(item: Item, language: Language) -> dict[str, Any]:
    """What the catalogue holds now; `unread` says why that cannot be told."""
    try:
        row = catalog.get(item.title_id)
    except Failure as failure:
        return {"unread": f"{failure.code}: {failure.message}"}
    enrichment = (row or {}).get("enrichment")
    entries = enrichment if isinstance(enrichment, dict) else {}
    asked = fields(item.job.kinds, item.job.languages)
    return {
        "written": [_written(item, field, entries.get(field.kind), language) for field in asked]
    }


def _written(item: Item, field: Field, stored: Any, language: Language) -> Written:
    """stored: a map; plain text of before the items, or None, when no item has written."""
    entry = stored if isinstance(stored, dict) else {}
    kind, tongue = in_(language, KINDS[field.kind]), in_(language, LANGUAGES[field.language])
    return Written(
        f"{kind} ({tongue})", line(entry.get(field.language, "")), entry.get("item") == item.pk,
        {name: entry[name] for name in WRITER if name in entry},
    )  # fmt: skip
