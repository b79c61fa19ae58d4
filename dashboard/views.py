"""The dashboard's page, its stream of snapshots, and the same as JSON."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing

from asgiref.sync import sync_to_async
from django.contrib.admin.views.decorators import staff_member_required
from django.contrib.auth.decorators import permission_required
from django.db import connections
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.http import require_safe

from dashboard import pages, snapshot
from dashboard.document import document
from dashboard.live import live
from enrichment.roles import LOOK
from mangaassist.api.languages import language_of_reader
from mangaassist.content_policy import content_policy
from mangaassist.language import Language, accepted, named

POLICY = content_policy("form-action 'self'")
RECONNECT = 2_000  # milliseconds after which a page comes back

looking = permission_required(LOOK, raise_exception=True)


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page with a snapshot in it, which needs no script to be read."""
    language = named(request.GET.get("lang")) or language_of_reader(request)
    context = {
        "language": language.value,
        "words": pages.words(language),
        "live": pages.live(snapshot.take(), language),
    }
    response = render(request, "dashboard/page.html", context)
    response["Content-Security-Policy"] = POLICY
    response["Content-Language"] = language.value
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


@looking
@require_safe
async def stream(request: HttpRequest) -> StreamingHttpResponse:
    """Server-sent events: one `snapshot` a second, the HTML of what changes."""
    # Django would give the connection back when the stream ends, and there are only a few.
    await sync_to_async(connections.close_all)()
    response = StreamingHttpResponse(_events(_language(request)), content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # A proxy that gathers would show the past.
    return response


@looking
@require_safe
async def newest(request: HttpRequest) -> HttpResponseBase:
    """The newest snapshot as JSON; 304 for somebody who has it."""
    shown = await live().now()
    tag = f'"{shown.snapshot.at.timestamp()}"'
    if request.headers.get("If-None-Match") == tag:
        response: HttpResponseBase = HttpResponseNotModified()
    else:
        response = JsonResponse(document(shown.snapshot))
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response


async def _events(language: Language) -> AsyncGenerator[bytes]:
    yield f"retry: {RECONNECT}\n\n".encode()
    async with aclosing(live().watch(language)) as several:
        async for shown in several:
            yield shown.events[language]


def _language(request: HttpRequest) -> Language:
    wanted = named(request.GET.get("lang"))
    return wanted or accepted(request.headers.get("Accept-Language", ""))
