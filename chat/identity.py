"""Whose session a connection shows: a logged-in user's, or an anonymous visitor's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.crypto import salted_hmac

from chat.visitors import visitor

SALT = "chat.identity"


def session_of(user: Any, cookies: Mapping[str, str]) -> str | None:
    """The session's id; None for somebody whom no page of ours has given a cookie."""
    if user.is_authenticated:
        return "user-" + salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest()[:32]
    return visitor(cookies)
