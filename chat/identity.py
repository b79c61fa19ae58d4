"""Whose session a connection shows: a logged-in user's, or an anonymous visitor's."""

from __future__ import annotations

import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import structlog
from django.conf import settings
from django.contrib import auth
from django.db import connections
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from chat.threads import in_time
from chat.visitors import visitor

SALT = "chat.identity"
LOOKED_AT_EVERY = 30.0  # seconds; at each connection it is looked at anyway
PATIENCE = 1.0  # seconds for the database

log = structlog.get_logger(__name__)


class Login:
    """Whose connection it is, looked at again now and then while somebody speaks.

    session: None for somebody whom no page of ours has given a cookie.
    """

    def __init__(self, scope: Mapping[str, Any]) -> None:
        user = scope["user"]
        self.session = session_of(user, scope["cookies"])
        self._key = scope["session"].session_key if user.is_authenticated else None
        self._looked_at = time.monotonic()

    async def holds(self) -> bool:
        """False when the user has logged out; a database that is away logs nobody out."""
        now = time.monotonic()
        if self._key is None or now - self._looked_at < LOOKED_AT_EVERY:
            return True
        self._looked_at = now
        try:
            return await in_time(self._look, PATIENCE)
        except Exception:
            log.exception("login_not_looked_at")
            return True

    def _look(self) -> bool:
        request = HttpRequest()
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(self._key)
        try:
            return session_of(auth.get_user(request), {}) == self.session
        finally:
            connections.close_all()


def session_of(user: Any, cookies: Mapping[str, str]) -> str | None:
    """The session's id; None for somebody whom no page of ours has given a cookie."""
    if user.is_authenticated:
        return "user-" + salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest()[:32]
    return visitor(cookies)
