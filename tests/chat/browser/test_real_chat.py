"""The page on the real chat: the model's answers, the session's table, the thread of all tabs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chat.assistant import Assistant
from tests.chat.browser.conftest import PATIENCE
from tests.chat.browser.test_asking import ask
from tests.chat.conftest import Drained
from tests.mangaassist.conftest import Account
from tests.mangaassist.server import serving
from tests.simulator import Simulator

QUESTION = "おすすめの漫画は？"

pytestmark = pytest.mark.usefixtures("web", "no_titles", "empty_queues")


class RealSite(Drained):
    """Pages beside the chat's sockets, as a web process has them."""

    def __init__(self) -> None:
        super().__init__(Assistant())
        with override_settings(WHITENOISE_USE_FINDERS=True):
            self.pages = get_asgi_application()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "http":
            await self.pages(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@pytest.fixture
def shopper(
    browser: Browser, chat_account: Account, simulator: Simulator
) -> Iterator[BrowserContext]:
    with serving(RealSite(), lifespan="on") as server:
        context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}")
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


def open_tab(shopper: BrowserContext) -> Page:
    page = shopper.new_page()
    page.goto("/chat/?lang=ja")
    page.wait_for_selector("#clearing-button:enabled")
    return page


def test_an_answer_is_there_in_every_tab_and_after_a_reload(shopper: BrowserContext) -> None:
    page, other = open_tab(shopper), open_tab(shopper)
    ask(page, QUESTION)
    for tab in (page, other):
        expect(tab.locator(".asked")).to_have_text(QUESTION)
        expect(tab.locator(".prose")).to_contain_text("模擬応答")
        expect(tab.locator(".actions")).to_be_visible()
    written = page.locator(".prose").inner_text()
    page.reload()
    expect(page.locator(".prose")).to_have_text(written, use_inner_text=True)


def test_a_stopped_answer_keeps_its_part(shopper: BrowserContext, simulator: Simulator) -> None:
    simulator.latency(first_token=0.05, per_token=0.5)
    page = open_tab(shopper)
    ask(page, QUESTION)
    expect(page.locator(".prose")).not_to_be_empty()
    page.locator("#stop").click()
    expect(page.locator(".notice")).to_be_visible()
    expect(page.locator(".prose")).not_to_be_empty()
    expect(page.locator("#send")).to_be_visible()
