"""Who a visitor is who has not logged in: an opaque id in a signed cookie."""

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.conf import settings
from django.core import signing
from django.http import HttpResponse

COOKIE = "manga_chat"
SALT = "chat.visitors"
LIFE = 24 * 3600  # seconds after the last load of the page; a session ends far earlier


def visitor(cookies: Mapping[str, str]) -> str | None:
    """The id in a request's cookies; None without one, or if its signature is wrong or too old."""
    try:
        found: str = signing.TimestampSigner(salt=SALT).unsign(cookies[COOKIE], max_age=LIFE)
    except (KeyError, signing.BadSignature):
        return None
    return found


def new_visitor() -> str:
    """An id that nobody can guess."""
    return secrets.token_urlsafe(24)


def remember(response: HttpResponse, visitor: str) -> None:
    """Sets the cookie, for LIFE from now.

    In a frame of another site browsers keep only cookies that are meant for it: secure ones, of
    which each store that shows the frame has its own.
    """
    embedded = bool(settings.CHAT_EMBED_ORIGINS)
    response.set_cookie(
        COOKIE,
        signing.TimestampSigner(salt=SALT).sign(visitor),
        max_age=LIFE,
        httponly=True,
        samesite="None" if embedded else "Lax",
        secure=embedded or settings.SECURE_COOKIES,
    )
    if embedded:
        # Python's cookies know no such attribute before 3.14.
        line = response.cookies.pop(COOKIE).OutputString()
        response["Set-Cookie"] = f"{line}; Partitioned"
