"""The dashboard's page, its stream of snapshots, and the same as JSON."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any

from asgiref.sync import sync_to_async
from django.contrib.admin.views.decorators import staff_member_required
from django.db import connections
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponseNotModified,
    HttpResponseRedirect,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from dashboard import snapshot
from dashboard.access import entering, looking
from dashboard.boards import BOARDS, View
from dashboard.document import document
from dashboard.live import live
from dashboard.shell import language_of, language_of_stream, show
from enrichment.roles import LOOK

RECONNECT = 2_000  # milliseconds after which a page comes back
LONGEST = 900.0  # seconds of a stream, so that who may no longer look does not look for ever


@staff_member_required
@entering
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The overview with a snapshot in it, which needs no script to be read.

    Who sees only what is their own is led to their jobs.
    """
    if not request.user.has_perm(LOOK):
        return HttpResponseRedirect(reverse("dashboard:jobs"))
    return live_page(request, "dashboard/page.html", "overview")


def live_page(request: HttpRequest, template: str, name: str, **context: Any) -> HttpResponse:
    """A page around the board of this name, as it is now."""
    board = BOARDS[name]
    html = board.html(board.read(snapshot.take()), language_of(request))
    return show(request, template, name, {**context, "page": name, "live": html})


@looking
@require_safe
async def stream(request: HttpRequest) -> HttpResponseBase:
    """Server-sent events: one `snapshot` a second, the HTML of what has changed on a page."""
    name = request.GET.get("page", "overview")
    if name not in BOARDS:
        return HttpResponseNotFound()
    # Django would give the connection back when the stream ends, and there are only a few.
    await sync_to_async(connections.close_all)()
    events = _events((name, language_of_stream(request)))
    response = StreamingHttpResponse(events, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # A proxy that gathers would show the past.
    return response


@looking
@require_safe
async def newest(request: HttpRequest) -> HttpResponseBase:
    """The newest snapshot as JSON; 304 for somebody who has it."""
    found = await live().now()
    tag = f'"{found.at.timestamp()}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = JsonResponse(document(found))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


async def _events(view: View) -> AsyncGenerator[bytes]:
    yield f"retry: {RECONNECT}\n\n".encode()
    end = time.monotonic() + LONGEST
    async with aclosing(live().watch(view)) as several:
        async for event in several:
            yield event
            if time.monotonic() >= end:
                break
