"""Counts every request: its route, how it ended, how long it took, and in whose language."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.utils.deprecation import MiddlewareMixin

from mangaassist import metrics
from mangaassist.language import accepted

SERVICE = "web"
BEGUN = "mangaassist.begun"  # in request.META
UNKNOWN = "unknown"  # the route of an address that leads nowhere; paths would be countless
REFUSALS = frozenset({400, 413, 415, 422})
SENDING = frozenset({"POST", "PUT", "PATCH"})  # what can be refused for its content


class RequestMetrics(MiddlewareMixin):
    """Middleware; outside of all others that may answer."""

    def process_request(self, request: HttpRequest) -> None:
        request.META[BEGUN] = time.monotonic()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        match = request.resolver_match
        route = {"Service": SERVICE, "Route": match.view_name if match else UNKNOWN}
        metrics.HTTP_REQUESTS.record(**route)
        metrics.HTTP_LATENCY.record((time.monotonic() - request.META[BEGUN]) * 1_000, **route)
        if response.status_code >= 500:
            metrics.HTTP_5XX.record(**route)
        if request.method in SENDING:
            _count_refusal(request, response)
        return response


def _count_refusal(request: HttpRequest, response: HttpResponseBase) -> None:
    language = accepted(response.headers.get("Content-Language", ""))
    metrics.REQUESTS_BY_LANGUAGE.record(preferredLanguage=language)
    if response.status_code in REFUSALS:
        metrics.HTTP_400.record(preferredLanguage=language, Reason=_reason(response))


def _reason(response: Any) -> str:
    """The code of a problem document, or the status of any other answer."""
    document = getattr(response, "data", None)
    code = document.get("code") if isinstance(document, dict) else None
    return str(code or response.status_code)
