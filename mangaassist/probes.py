"""Answers load balancers and supervisors: is this process alive, and can it serve?"""

from __future__ import annotations

import structlog
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse
from django.utils.deprecation import MiddlewareMixin

log = structlog.get_logger(__name__)


class Probes(MiddlewareMixin):
    """Middleware in front of the rules about hosts and TLS: probes call by address, without TLS."""

    def process_request(self, request: HttpRequest) -> HttpResponse | None:
        match request.path:
            case "/healthz":
                return _answer(200, "alive")
            case "/readyz":
                return _readiness(request)
            case _:
                return None


def _readiness(request: HttpRequest) -> HttpResponse:
    draining = getattr(request, "scope", {}).get("state", {}).get("draining")
    if draining is not None and draining.has_begun:
        return _answer(503, "the process is ending")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError as error:
        log.warning("not_ready", cause=str(error).strip())
        return _answer(503, "the database does not answer")
    return _answer(200, "ready")


def _answer(status: int, text: str) -> HttpResponse:
    headers = {"Cache-Control": "no-store"}
    return HttpResponse(f"{text}\n", status=status, content_type="text/plain", headers=headers)
