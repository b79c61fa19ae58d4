"""Parts of pages that a page asks for again and again."""

from __future__ import annotations

import hashlib

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseNotModified


def polled(request: HttpRequest, html: str) -> HttpResponse:
    """The part, or 304 for a page that has it."""
    tag = f'"{hashlib.sha256(html.encode()).hexdigest()}"'
    known = request.headers.get("If-None-Match") == tag
    response = HttpResponseNotModified() if known else HttpResponse(html)
    response["ETag"] = tag
    response["Cache-Control"] = "private, no-cache"
    return response
