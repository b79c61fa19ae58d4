"""Which pages may open the chat's WebSocket: browsers send cookies along from any."""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import urlsplit

from channels.security.websocket import WebsocketDenier
from django.conf import settings
from django.http.request import split_domain_port, validate_host

from mangaassist.body_limit import App, Receive, Scope, Send


class OwnOrigins:
    """ASGI application around a WebSocket one: answers 403 to pages of others."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        origin, host = _header(scope, b"origin"), _header(scope, b"host")
        allowed = is_ours(origin, host, settings.ALLOWED_HOSTS, settings.CSRF_TRUSTED_ORIGINS)
        app: App = self.app if allowed else WebsocketDenier()
        await app(scope, receive, send)


def is_ours(origin: str, host: str, hosts: Collection[str], trusted: Collection[str]) -> bool:
    """Whether a page of this origin may talk to this host.

    hosts: as in ALLOWED_HOSTS; trusted: further origins, as in CSRF_TRUSTED_ORIGINS without stars.
    """
    if origin in trusted:
        return True
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    domain, _ = split_domain_port(host)
    return (
        parts.scheme in ("http", "https")
        and parts.netloc.lower() == host.lower()
        and bool(domain)
        and validate_host(domain, hosts)
    )


def _header(scope: Scope, name: bytes) -> str:
    """The one value of a header, empty when there is none or more than one."""
    values = [value for header, value in scope["headers"] if header.lower() == name]
    return values[0].decode("latin-1") if len(values) == 1 else ""
