"""A real Chromium on the real page, with the other end of its socket in the test's hands."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.test import override_settings
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    expect,
    sync_playwright,
)

from tests.chat.browser.counterpart import Counterpart
from tests.mangaassist.server import serving

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds; a busy machine needs them

Opener = Callable[..., Page]


class Site:
    """The page over HTTP, and a counterpart that each test may change."""

    def __init__(self) -> None:
        self.counterpart = Counterpart()
        with override_settings(WHITENOISE_USE_FINDERS=True):
            self.pages = get_asgi_application()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        application = self.counterpart if scope["type"] == "websocket" else self.pages
        await application(scope, receive, send)


def chromium() -> str:
    """Where a Chromium is; a machine without one fails in continuous integration, else skips."""
    names = [os.environ.get("CHROMIUM", ""), *NAMES]
    found = next((path for path in map(shutil.which, filter(None, names)) if path), None)
    if found:
        return found
    complaint = "There is no Chromium, so the page is NOT TESTED: scripts/chromium gets one."
    if "CI" in os.environ:
        pytest.fail(complaint)
    pytest.skip(complaint)


# Playwright keeps a loop in this thread, in which no other test could run its own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = chromium()
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright, pytest.MonkeyPatch.context() as environment:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Nothing of Django runs in it.
        browser = playwright.chromium.launch(executable_path=path, args=SWITCHES)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def site() -> Iterator[tuple[Site, str]]:
    site = Site()
    with serving(site, lifespan="off") as server:
        yield site, f"http://127.0.0.1:{server.port}"


@pytest.fixture
def counterpart(site: tuple[Site, str]) -> Counterpart:
    site[0].counterpart = Counterpart()
    return site[0].counterpart


@pytest.fixture(scope="package")
def visitor(browser: Browser, site: tuple[Site, str]) -> BrowserContext:
    """One visitor, whose tabs share a cookie."""
    return browser.new_context(base_url=site[1], permissions=["clipboard-write"])


@pytest.fixture
def open_page(
    browser: Browser, visitor: BrowserContext, site: tuple[Site, str], counterpart: Counterpart
) -> Iterator[Opener]:
    """Opens tabs of the visitor, or of another one on a device with some options of Playwright.

    No tab may have broken the policy, or thrown.
    """
    complaints: list[str] = []
    pages: list[Page] = []

    def opened(path: str = "/chat/?lang=ja", **device: Any) -> Page:
        person = browser.new_context(base_url=site[1], **device) if device else visitor
        page = person.new_page()
        pages.append(page)
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda message: complaints.extend(_complaints(message)))
        page.goto(path)
        page.wait_for_selector("#clearing-button:enabled")
        return page

    yield opened
    for page in pages:
        (page if page.context is visitor else page.context).close()
    assert not complaints


@pytest.fixture
def page(open_page: Opener) -> Page:
    return open_page()


def _complaints(message: ConsoleMessage) -> list[str]:
    """Errors in the console, except that a connection is lost, as some tests want."""
    bad = message.type == "error" and "WebSocket connection" not in message.text
    return [message.text] if bad else []
