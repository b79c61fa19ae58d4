"""A session is read before an answer unless this process knows it, which is so while it holds."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chat import prompts, sessions
from chat.assistant import Assistant
from chat.catalogue import Found
from chat.prompts import Past, Prompt
from chat.thread import ThreadLog
from local.fault_proxy import Fault, FaultProxy
from tests.chat.conftest import Drained
from tests.chat.page import Page, opened
from tests.mangaassist.server import SOON, serving
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("web", "no_titles")


@pytest.fixture
def port(proxy: FaultProxy, simulator: Simulator) -> Iterator[int]:
    with serving(Drained(Assistant()), lifespan="on") as server:
        yield server.port


@pytest.fixture
def other_port(port: int) -> Iterator[int]:
    """Another process of the chat."""
    with serving(Drained(Assistant()), lifespan="on") as server:
        yield server.port


@pytest.fixture
def page(port: int) -> Iterator[Page]:
    """Its session was answered once."""
    with opened(port) as page:
        answer(page, "猫の漫画は？")
        yield page


@pytest.fixture
def is_settled(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Set whenever the process has done what follows an answer."""
    settled, event = Assistant.settled, threading.Event()

    async def told(assistant: Assistant, *ended: Any) -> None:
        await settled(assistant, *ended)
        event.set()

    monkeypatch.setattr(Assistant, "settled", told)
    return event


@pytest.fixture
def pasts(monkeypatch: pytest.MonkeyPatch) -> list[Past]:
    """What the model was told of the session, message by message."""
    render, seen = prompts.render, list[Past]()

    def told(message: str, language: str, past: Past, found: Found) -> Prompt:
        seen.append(past)
        return render(message, language, past, found)

    monkeypatch.setattr(prompts, "render", told)
    return seen


def answer(page: Page, message: str) -> dict[str, object]:
    of = page.ask(message)
    return page.until("done", of=of)[-1]


def is_read(page: Page, proxy: FaultProxy) -> bool:
    """Whether an answer wants to read the session, which it cannot."""
    proxy.fail(Fault.DENIED, "Query")
    return "これまでの会話を読み込めない" in str(answer(page, "ほかには？").get("notice", ""))


def test_a_session_that_was_answered_here_last_is_not_read_again(
    page: Page, proxy: FaultProxy
) -> None:
    assert not is_read(page, proxy)
    assert not is_read(page, proxy)


def test_a_session_that_was_answered_elsewhere_meanwhile_is_read(
    page: Page, other_port: int, proxy: FaultProxy
) -> None:
    with opened(other_port, page.session) as tab:
        answer(tab, "犬の漫画は？")
    assert is_read(page, proxy)


def test_a_session_that_was_cleared_elsewhere_is_read(
    page: Page, other_port: int, proxy: FaultProxy
) -> None:
    with opened(other_port, page.session) as tab:
        tab.say("clearSession")
        tab.until("cleared")
    assert is_read(page, proxy)


def test_a_session_whose_clearing_nobody_hears_of_is_read(
    page: Page, other_port: int, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = ThreadLog.append

    async def unheard(log: ThreadLog, session: str, frames: list[str], *rest: Any) -> int | None:
        return None if "cleared" in frames[0] else await append(log, session, frames, *rest)

    monkeypatch.setattr(ThreadLog, "append", unheard)
    with opened(other_port, page.session) as tab:
        tab.say("clearSession")
        tab.until("cleared")
    assert is_read(page, proxy)


def test_two_answers_at_once_leave_a_session_to_be_read(
    page: Page, simulator: Simulator, proxy: FaultProxy
) -> None:
    simulator.latency(first_token=0.05, per_token=0.01)
    messages = {page.ask("犬の漫画は？"), page.ask("鳥の漫画は？")}
    while messages:
        messages.discard(page.until("done")[-1]["of"])
    assert is_read(page, proxy)


def test_a_summary_is_found_though_the_session_is_known(
    page: Page, proxy: FaultProxy, is_settled: threading.Event, pasts: list[Past]
) -> None:
    for message in ("犬の漫画は？", "鳥の漫画は？"):
        answer(page, message)
    sessions.put_summary(page.session, sessions.history(page.session).turns[-1], "動物が好き。")
    is_settled.clear()
    answer(page, "馬の漫画は？")
    assert is_settled.wait(SOON)
    assert not is_read(page, proxy)
    assert pasts[-1].summary == "動物が好き。"


def test_a_summary_that_cannot_be_looked_for_leaves_what_is_known(
    page: Page, proxy: FaultProxy, is_settled: threading.Event, pasts: list[Past]
) -> None:
    for message in ("犬の漫画は？", "鳥の漫画は？"):
        answer(page, message)
    is_settled.clear()
    proxy.fail(Fault.DENIED, "Query")
    answer(page, "馬の漫画は？")
    assert is_settled.wait(SOON)
    proxy.heal()
    answer(page, "ほかには？")
    assert len(pasts[-1].messages) == 8
