"""A number for every request, in its answer and in every line that is logged meanwhile."""

from __future__ import annotations

from uuid import uuid4

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin
from structlog.contextvars import bind_contextvars

KEY = "mangaassist.request_id"  # in request.META
HEADER = "X-Request-ID"


class RequestIds(MiddlewareMixin):
    """Middleware; outermost, so that all others log under the number."""

    def process_request(self, request: HttpRequest) -> None:
        request.META[KEY] = uuid4().hex
        # It stays bound: Django logs an answer of 400 or more after all middleware, and the next
        # request has its own.
        bind_contextvars(request_id=request.META[KEY])

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        response.headers[HEADER] = request.META[KEY]
        return response
