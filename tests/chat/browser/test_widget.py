"""The chat on pages of stores, at other origins than its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.core.management import call_command
from playwright.sync_api import Browser, Locator, Page, expect
from websockets.exceptions import InvalidStatus

from chat.visitors import COOKIE
from local.store import site
from local.store.site import Site
from tests.chat.browser.conftest import PATIENCE
from tests.chat.page import opened
from tests.chat.web import Web
from tests.mangaassist.conftest import Account
from tests.processes import wait
from tests.reading import PHONE, faults
from tests.simulator import Simulator

Visit = Callable[..., Page]

pytestmark = pytest.mark.usefixtures("web", "empty_queues")


@pytest.fixture(scope="module")
def stores() -> Iterator[list[Site]]:
    """Two with the widget in their pages; the chat knows the first."""
    with ExitStack() as stack:
        yield [stack.enter_context(site.serving(Site())) for _ in range(2)]


@pytest.fixture(scope="module")
def web(chat_account: Account, django_db_setup: None, stores: list[Site]) -> Iterator[Web]:
    call_command("collectstatic", interactive=False, verbosity=0)
    web = Web(CHAT_EMBED_ORIGINS=stores[0].origin)
    for store in stores:
        store.chat = f"http://127.0.0.1:{web.port}"
    wait(web.is_served)
    yield web
    web.kill()


@pytest.fixture
def visit(browser: Browser, simulator: Simulator) -> Iterator[Visit]:
    contexts = []

    def visit(store: Site, **device: Any) -> Page:
        context = browser.new_context(**device)
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(store.origin)
        return page

    yield visit
    for context in contexts:
        context.close()


def colour(element: Locator) -> Any:
    return element.evaluate("element => getComputedStyle(element).backgroundColor")


def test_a_shopper_asks_in_the_page_of_a_store(stores: list[Site], visit: Visit) -> None:
    complaints: list[str] = []
    page = visit(stores[0], viewport={"width": 1280, "height": 800})
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    launcher = page.get_by_role("button", name="漫画を相談")
    expect(launcher).to_have_attribute("aria-expanded", "false")
    launcher.click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#message")).to_be_focused()
    page.keyboard.type("おすすめの漫画は？")
    page.keyboard.press("Enter")
    expect(chat.locator(".actions")).to_be_visible()
    expect(chat.locator(".prose")).to_contain_text("模擬応答")
    page.keyboard.type("次は？")
    expect(chat.locator("#send")).to_be_enabled()
    assert [faults(each) for each in page.frames] == [[], []]
    assert colour(launcher) == colour(chat.locator("#send")) == "rgb(31, 111, 92)"
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(launcher).to_be_focused()
    expect(launcher).to_have_attribute("aria-expanded", "false")
    page.reload()
    launcher.click()
    expect(chat.locator(".asked")).to_have_text("おすすめの漫画は？")
    [cookie] = [cookie for cookie in page.context.cookies() if cookie["name"] == COOKIE]
    assert (cookie["sameSite"], cookie["secure"]) == ("None", True)
    assert cookie["partitionKey"] == "http://localhost"
    assert not complaints


def test_on_a_phone_the_chat_fills_the_screen_and_closes_by_its_own_button(
    stores: list[Site], visit: Visit
) -> None:
    page = visit(stores[0], **PHONE, reduced_motion="reduce")
    launcher = page.get_by_role("button", name="漫画を相談")
    launcher.tap()
    chat = page.frame_locator("iframe")
    expect(chat.locator("#clearing-button")).to_be_enabled()
    box = page.locator("iframe").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
    assert page.evaluate("document.getAnimations({subtree: true}).length") == 0
    assert chat.locator("body").evaluate("body => body.scrollWidth") == 360
    assert [faults(each) for each in page.frames] == [[], []]
    chat.get_by_role("button", name="閉じる").tap()
    expect(launcher).to_be_focused()


def test_a_chat_that_was_away_is_there_when_it_is_opened_again(
    stores: list[Site], visit: Visit, web: Web
) -> None:
    page = visit(stores[0])
    launcher = page.get_by_role("button", name="漫画を相談")
    expect(launcher).to_be_visible()
    web.kill()
    launcher.click()
    refusal = page.get_by_text("チャットを表示できませんでした。")
    expect(refusal).to_be_visible()
    web.start()
    wait(web.is_served)
    for _ in range(2):  # It is closed, and opened again.
        launcher.click()
    expect(page.frame_locator("iframe").locator("#message")).to_be_focused()
    expect(refusal).to_be_hidden()


def test_a_store_that_is_not_named_can_show_no_chat_and_open_no_socket(
    stores: list[Site], visit: Visit
) -> None:
    known, stranger = stores
    page = visit(stranger)
    page.get_by_role("button", name="漫画を相談").click()
    elsewhere = page.get_by_role("link", name="新しいタブで開く")
    expect(elsewhere).to_have_attribute("href", f"{stranger.chat}/chat/?lang=ja")
    assert page.frame_locator("iframe").locator("#message").count() == 0
    port = int(stranger.chat.rpartition(":")[2])
    for store in (known, stranger):  # Only the frame itself talks to the chat.
        with pytest.raises(InvalidStatus) as refused, opened(port, origin=store.origin):
            pass
        assert refused.value.response.status_code == 403
