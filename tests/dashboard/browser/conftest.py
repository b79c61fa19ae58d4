"""A real Chromium on the dashboard of a real server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.asgi import get_asgi_application
from django.test import Client, override_settings
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from tests.chat.browser.conftest import PATIENCE, browser
from tests.mangaassist.server import serving

__all__ = ["browser"]

Opener = Callable[..., Page]

MISSING = "/dashboard/nothing/"


@pytest.fixture(scope="package")
def address() -> Iterator[str]:
    with override_settings(WHITENOISE_USE_FINDERS=True):
        pages = get_asgi_application()
    with serving(pages, lifespan="off") as server:
        yield f"http://127.0.0.1:{server.port}"


@pytest.fixture
def open_page(
    browser: Browser, address: str, transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Opener]:
    """Opens the dashboard as staff; no page may have broken the policy, or thrown."""
    # Playwright keeps a loop in this thread, though nothing of Django runs in it.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": address}
    complaints: list[str] = []
    contexts: list[BrowserContext] = []

    def opened(path: str = "/dashboard/?lang=ja", **device: Any) -> Page:
        context = browser.new_context(base_url=address, **device)
        contexts.append(context)
        context.add_cookies([cookie])  # type: ignore[list-item]
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_complaints(message)))
        page.goto(path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints


def _complaints(message: ConsoleMessage) -> list[str]:
    """Errors in the console, except that the address of nothing has nothing."""
    missing = message.text.startswith("Failed to load") and MISSING in message.location["url"]
    return [message.text] if message.type == "error" and not missing else []
