"""The audit trail: who changed what, by filter, as a page or as CSV.

Who may act on everything sees everything. Others see what they did themselves, and what was done to
the uploads and jobs that they may look at, as the timeline of a job tells it too.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlencode

from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.models import User
from django.db.models import CharField, Q, QuerySet
from django.db.models.functions import Cast
from django.http import HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import actor, entering
from dashboard.audit_texts import AUDIT_WORDS, DID
from dashboard.forms import plain
from dashboard.keyset import page
from dashboard.shell import language_of, show
from dashboard.texts import in_, words
from enrichment.export import BOM, csv_text
from enrichment.models import Job, Release
from enrichment.roles import ACT, within_reach
from mangaassist.language import Language
from mangaassist.models import AuditEntry

AUDIT = "mangaassist.view_auditentry"  # of who watches and does not act
SIZE = 50
CHUNK = 500  # entries
COLUMNS = ("at", "user", "action", "kind", "row", "before", "after")
FILTERS = {"user": "user_name", "action": "action", "kind": "kind", "row": "row"}


@staff_member_required
@entering
@require_safe
def audit_page(request: HttpRequest) -> HttpResponseBase:
    """Entries, the newest first; `format=csv` gives all that the filter leaves."""
    asked = {name: plain(request.GET[name]).strip() for name in FILTERS if request.GET.get(name)}
    user = actor(request)
    entries = within_sight(user).filter(**{FILTERS[name]: asked[name] for name in asked})
    if request.GET.get("format") == "csv":
        return _csv(entries)
    language = language_of(request)
    chosen = page(entries, request.GET, SIZE)
    context = {
        "texts": words(language, AUDIT_WORDS),
        "entries": [_drawn(entry, language) for entry in chosen.rows],
        "actions": [(name, in_(language, text)) for name, text in DID.items()],
        "asked": asked,
        "about": _about(sees_all(user), language),
        "export": f"?{urlencode({**asked, 'format': 'csv'})}",
        "newer": f"?{urlencode(asked)}&{chosen.newer}" if chosen.newer else "",
        "older": f"?{urlencode(asked)}&{chosen.older}" if chosen.older else "",
    }
    return show(request, "dashboard/audit.html", "audit", context)


def sees_all(user: User) -> bool:
    return user.has_perm(ACT) or user.has_perm(AUDIT)


def within_sight(user: User) -> QuerySet[AuditEntry]:
    """The entries that a user may see."""
    if sees_all(user):
        return AuditEntry.objects.all()
    seen = Q(user=user)
    for kind, rows in (("job", Job.objects.all()), ("release", Release.objects.all())):
        reached = within_reach(rows, user, acting=False)
        keys = reached.annotate(key=Cast("pk", CharField())).values("key")
        seen |= Q(kind=kind, row__in=keys)
    return AuditEntry.objects.filter(seen)


def _about(everything: bool, language: Language) -> str:
    """Whose changes these are, and how long they are kept."""
    days = {"days": settings.AUDIT_DAYS}
    kept = AUDIT_WORDS["kept_for" if settings.AUDIT_DAYS else "kept"].text(language, days)
    return AUDIT_WORDS["of_all" if everything else "of_reach"].text(language, {"kept": kept})


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
