"""The audit trail: who changed what, by filter, as a page or as CSV."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.contrib.admin.views.decorators import staff_member_required
from django.db.models import QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import looking
from dashboard.audit_texts import AUDIT_WORDS, DID
from dashboard.forms import plain
from dashboard.keyset import page
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from enrichment.export import BOM, csv_text
from mangaassist.language import Language
from mangaassist.models import AuditEntry

SIZE = 50
CHUNK = 500  # entries
COLUMNS = ("at", "user", "action", "kind", "row", "before", "after")
FILTERS = {"user": "user_name", "action": "action", "kind": "kind", "row": "row"}


@staff_member_required
@looking
@require_safe
def audit_page(request: HttpRequest) -> HttpResponseBase:
    """Entries, the newest first; `format=csv` gives all that the filter leaves."""
    asked = {name: plain(request.GET[name]).strip() for name in FILTERS if request.GET.get(name)}
    entries = narrowed(asked)
    if request.GET.get("format") == "csv":
        return _csv(entries)
    language = language_of(request)
    chosen = page(entries, request.GET, SIZE)
    context = {
        "texts": words(language, AUDIT_WORDS),
        "entries": [_drawn(entry, language) for entry in chosen.rows],
        "actions": [(name, in_(language, text)) for name, text in DID.items()],
        "asked": asked,
        "export": f"?{urlencode({**asked, 'format': 'csv'})}",
        "newer": f"?{urlencode(asked)}&{chosen.newer}" if chosen.newer else "",
        "older": f"?{urlencode(asked)}&{chosen.older}" if chosen.older else "",
    }
    return show(request, "dashboard/audit.html", "audit", context)


def narrowed(asked: Mapping[str, str]) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(**{FILTERS[name]: value for name, value in asked.items()})


def differences(entry: AuditEntry) -> list[tuple[str, Any, Any]]:
    """Name, before and after of what is not the same."""
    before, after = entry.before or {}, entry.after or {}
    names = dict.fromkeys((*before, *after))
    found = [(name, before.get(name, "-"), after.get(name, "-")) for name in names]
    return [(name, old, new) for name, old, new in found if old != new]


def _drawn(entry: AuditEntry, language: Language) -> dict[str, Any]:
    did = in_(language, DID[entry.action]) if entry.action in DID else entry.action
    return {"row": entry, "did": did, "differences": differences(entry)}


def _csv(entries: QuerySet[AuditEntry]) -> StreamingHttpResponse:
    name = f"audit-{timezone.localdate():%Y%m%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    content_type = "text/csv; charset=utf-8"
    return StreamingHttpResponse(_chunks(entries), content_type=content_type, headers=headers)


async def _chunks(entries: QuerySet[AuditEntry]) -> AsyncIterator[str]:
    yield BOM + csv_text([COLUMNS])
    left = entries.order_by("-pk")
    while chunk := await sync_to_async(_first)(left):
        yield csv_text(map(_line, chunk))
        left = left.filter(pk__lt=chunk[-1].pk)


def _first(entries: QuerySet[AuditEntry]) -> list[AuditEntry]:
    return list(entries[:CHUNK])


def _line(entry: AuditEntry) -> list[str]:
    at = timezone.localtime(entry.at).isoformat(timespec="seconds")
    said = (json.dumps(one, ensure_ascii=False) for one in (entry.before, entry.after))
    return [at, entry.user_name, entry.action, entry.kind, entry.row, *said]
