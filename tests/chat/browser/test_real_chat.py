"""The page on a real web process: the model's answers, the session's table, the thread of tabs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connections
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from chat import sessions
from chat.turns import Turn
from chat.visitors import COOKIE, visitor
from mangaassist import aws
from mangaassist.resources import SESSIONS_TABLE
from tests.chat.browser.conftest import PATIENCE
from tests.chat.browser.test_asking import ask
from tests.chat.web import Web
from tests.mangaassist.conftest import Account
from tests.processes import wait
from tests.simulator import Simulator

QUESTION = "おすすめの漫画は？"

pytestmark = pytest.mark.usefixtures("empty_queues")


@pytest.fixture(scope="module")
def web(chat_account: Account, django_db_setup: None) -> Iterator[Web]:
    call_command("collectstatic", interactive=False, verbosity=0)
    web = Web()
    wait(web.is_served)
    yield web
    web.kill()


@pytest.fixture
def shopper(browser: Browser, web: Web, simulator: Simulator) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=f"http://127.0.0.1:{web.port}")
    context.set_default_timeout(PATIENCE)
    yield context
    context.close()


def open_tab(shopper: BrowserContext) -> Page:
    page = shopper.new_page()
    page.goto("/chat/?lang=ja")
    page.wait_for_selector("#clearing-button:enabled")
    return page


def turns(shopper: BrowserContext) -> tuple[Turn, ...]:
    """What the table has of this visitor."""
    session = visitor({cookie["name"]: cookie["value"] for cookie in shopper.cookies()})
    assert session
    return sessions.history(session).turns


def elsewhere(change: Callable[[], object]) -> None:
    """Changes the database in another thread, since Playwright keeps a loop in this one."""

    def act() -> None:
        change()
        connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(act).result()


@pytest.fixture
def starting_again(web: Web) -> Iterator[None]:
    yield
    restart(web)


@pytest.fixture
def login(starting_again: None, transactional_db: None, web: Web) -> Iterator[Client]:
    """Of a reader. No process holds a table while the test's end empties it."""
    client = Client()
    elsewhere(lambda: client.force_login(User.objects.create_user("reader")))
    yield client
    web.kill()


def restart(web: Web) -> None:
    web.kill()
    web.start()
    wait(web.is_served)


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


def test_another_answer_and_what_was_wrong_with_it_arrive_in_the_table(
    shopper: BrowserContext,
) -> None:
    page = open_tab(shopper)
    ask(page, QUESTION)
    page.locator(".again").click()
    expect(page.locator(".actions:visible")).to_have_count(2)
    expect(page.locator(".asked").last).to_have_text("同じ質問への別の回答")
    page.locator(".bad").last.click()
    page.keyboard.type("結末が違います")
    page.keyboard.press("Enter")
    expect(page.locator(".told").last).to_contain_text("ありがとう")
    kept = turns(shopper)
    assert [turn.text for turn in kept[::2]] == [QUESTION, QUESTION]
    assert [turn.feedback for turn in kept[1::2]] == ["", "down"]
    rows = aws.dynamodb().scan(TableName=SESSIONS_TABLE.name)["Items"]
    given = [row["feedback"]["M"] for row in rows if "feedback" in row]
    assert "結末が違います" in [feedback["reason"]["S"] for feedback in given]


def test_an_answer_that_its_process_did_not_survive_is_kept_once_and_the_chat_goes_on(
    shopper: BrowserContext, web: Web, simulator: Simulator
) -> None:
    simulator.latency(first_token=0.0, per_token=0.3)
    page, other = open_tab(shopper), open_tab(shopper)
    ask(page, QUESTION)
    expect(page.locator(".prose")).to_contain_text("模擬応答")
    restart(web)
    simulator.latency(first_token=0.0, per_token=0.0)
    for tab in (page, other):
        expect(tab.locator(".notice.trouble")).to_be_visible()
    kept = turns(shopper)[1].text
    ask(other, "続きは？")
    for tab in (page, other):
        expect(tab.locator(".asked")).to_have_text([QUESTION, "続きは？"])
        expect(tab.locator(".actions:visible")).to_have_count(2)
        expect(tab.locator(".prose").first).to_have_text(kept, use_inner_text=True)


def test_a_reader_whose_login_ended_is_told_and_goes_on_as_a_guest(
    shopper: BrowserContext, web: Web, login: Client
) -> None:
    address = f"http://127.0.0.1:{web.port}"
    key = login.cookies["sessionid"].value
    shopper.add_cookies([{"name": "sessionid", "value": key, "url": address}])
    page = open_tab(shopper)
    ask(page, QUESTION)
    expect(page.locator(".actions")).to_be_visible()
    elsewhere(login.logout)
    shopper.clear_cookies(name=COOKIE)  # It may be too old by now.
    shopper.set_offline(True)
    shopper.set_offline(False)
    dialog = page.get_by_role("dialog", name="ログインが終了しました")
    sign_in = dialog.get_by_role("link", name="ログイン")
    expect(sign_in).to_have_attribute("href", "/admin/login/?next=%2Fchat%2F")
    expect(page.locator(".exchange")).to_have_count(0)
    dialog.get_by_role("button", name="ログインせずに続ける").click()
    ask(page, "こんにちは")
    expect(page.locator(".actions")).to_be_visible()
    assert [turn.text for turn in turns(shopper)[::2]] == ["こんにちは"]
