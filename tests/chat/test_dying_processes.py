"""Web processes and Redis die or fall silent in the middle of answers; each still ends once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest

from chat import rows, sessions
from chat.turns import Answer, State, Turn
from chat.visitors import new_visitor
from local.fault_proxy import Fault, FaultProxy
from mangaassist.resources import DEFERRED_QUEUE
from tests.acceptance.valkey import Valkey
from tests.chat.conftest import received, through_gateway
from tests.chat.page import Frame, Page, opened
from tests.chat.web import Web
from tests.mangaassist.conftest import Account
from tests.processes import LONGEST_WAIT, wait
from tests.simulator import Simulator
from tests.stack import Stack

QUESTION = "おすすめの漫画を教えてください。"

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("empty_queues"),
]

Start = Callable[..., list[Web]]
OpenAt = Callable[..., Page]


@pytest.fixture
def valkey(tmp_path: Path) -> Iterator[Valkey]:
    valkey = Valkey(tmp_path, wait)
    valkey.start()
    yield valkey
    valkey.kill()


@pytest.fixture
def start(chat_account: Account, valkey: Valkey) -> Iterator[Start]:
    started: list[Web] = []

    def start(count: int, **settings: str) -> list[Web]:
        started.extend(Web(REDIS_URL=valkey.url, **settings) for _ in range(count))
        wait(lambda: all(web.is_served() for web in started[-count:]))
        return started[-count:]

    yield start
    for web in started:
        web.kill()


def text_of(frames: list[Frame]) -> str:
    return "".join(frame["text"] for frame in frames if frame["type"] == "delta")


def until_end(page: Page, of: str) -> list[Frame]:
    """Frames up to the final one of a message."""
    frames: list[Frame] = []
    while not frames or (frames[-1]["type"], frames[-1].get("of")) != ("done", of):
        frames.append(page.frame(LONGEST_WAIT))
    return frames


def begin(page: Page, kind: str) -> tuple[str, list[Frame]]:
    of = page.ask(QUESTION)
    return of, page.until(kind)


def test_answers_of_a_killed_process_are_ended_by_the_one_that_pages_come_back_to(
    start: Start, simulator: Simulator
) -> None:
    doomed, other = start(2)
    simulator.latency(first_token=0.0, per_token=1.0)  # It writes until its process is killed.
    with opened(doomed.port) as writing, opened(doomed.port, language="en") as thinking:
        of, seen = begin(writing, "delta")
        simulator.fault("hang")
        silent, _ = begin(thinking, "accepted")
        doomed.kill()
    with opened(other.port, writing.session) as page, opened(other.port, thinking.session) as later:
        page.say("resume", after=seen[-1]["n"])
        later.say("resume", after=0)
        frames = until_end(page, of)
        deferred = until_end(later, silent)[-1]
        end = frames[-1]
        assert (end["state"], deferred["state"]) == ("incomplete", "deferred")
        assert end["text"] == text_of([*seen, *frames])
        assert end["notice"]
        assert "will arrive" in deferred["notice"] or "届きます" in deferred["notice"]
        page.say("sendMessage", id=of, message=QUESTION)
        assert page.until("done")[-1] == end
    assert sessions.history(page.session).turns[-1].text == end["text"]


def test_answers_end_while_redis_is_silent_or_dead_and_threads_go_on_with_it(
    start: Start, valkey: Valkey, simulator: Simulator
) -> None:
    [web] = start(1)
    simulator.latency(first_token=0.0, per_token=0.02)
    with opened(web.port) as page:
        for break_off in (valkey.pause, valkey.kill):
            of, seen = begin(page, "delta")
            break_off()
            frames = until_end(page, of)
            assert frames[-1]["state"] == "complete"
            assert frames[-1]["text"] == text_of([*seen, *frames])
        valkey.start()
        simulator.latency(first_token=0.5, per_token=0.0)
        wait(lambda: "n" in until_end(page, page.ask(QUESTION))[-1])
        with opened(web.port, page.session) as tab:
            of, _ = begin(tab, "done")
            assert until_end(page, of)[-1]["state"] == "complete"


@pytest.fixture
def proxy(stack: Stack) -> Iterator[FaultProxy]:
    """Stands before the DynamoDB of a process."""
    with FaultProxy(stack.ports["ministack"]) as proxy:
        yield proxy


@pytest.mark.parametrize("comes_back", [False, True])
def test_an_answer_is_begun_anew_when_its_process_dies_with_redis(
    start: Start, valkey: Valkey, simulator: Simulator, comes_back: bool
) -> None:
    doomed, other = start(2)
    simulator.latency(first_token=0.0, per_token=1.0)
    with opened(doomed.port) as page:
        of, seen = begin(page, "delta")
        valkey.kill()
        doomed.kill()
    simulator.latency(first_token=0.0, per_token=0.0)
    if comes_back:
        valkey.start()
    with opened(other.port, page.session) as page:
        page.say("resume", after=seen[-1]["n"])
        end = until_end(page, of)[-1]
    assert end["state"] == "complete"
    assert sessions.history(page.session).turns[-1].text == end["text"]


def test_an_answer_ends_whose_process_dies_with_redis_after_its_last_word(
    start: Start, valkey: Valkey, proxy: FaultProxy, simulator: Simulator
) -> None:
    [doomed], [other] = start(1, AWS_ENDPOINT_URL_DYNAMODB=proxy.url), start(1)
    simulator.latency(first_token=0.0, per_token=0.0)
    proxy.fail(Fault.HANG, "UpdateItem")
    with opened(doomed.port) as page:
        of, _ = begin(page, "delta")
        wait(lambda: proxy.calls["UpdateItem"] > 0)  # It stores what it has written.
        valkey.kill()
        doomed.kill()
    with opened(other.port, page.session) as page:
        page.say("getHistory")
        assert until_end(page, of)[-1]["state"] == "complete"


@pytest.fixture(params=["direct"])
def open_at(request: pytest.FixtureRequest) -> Iterator[OpenAt]:
    """Opens pages at one process or another, by either way in."""
    with ExitStack() as stack:
        front = stack.enter_context(through_gateway([])) if request.param == "gateway" else None

        def open_at(web: Web, session: str = "") -> Page:
            if front:
                front.send_to(web.port)
            return stack.enter_context(opened(front.port if front else web.port, session))

        yield open_at


@pytest.mark.parametrize(
    ("open_at", "comes_back"),
    [("direct", False), ("gateway", True)],  # Without Redis the gateway lets nobody in.
    indirect=["open_at"],
)
def test_a_reload_ends_with_the_answer_of_the_process_that_writes_it_though_redis_is_gone(
    start: Start, valkey: Valkey, simulator: Simulator, open_at: OpenAt, comes_back: bool
) -> None:
    one, other = start(2)
    simulator.latency(first_token=0.0, per_token=0.05)
    page = open_at(one)
    of, _ = begin(page, "delta")
    valkey.kill()
    if comes_back:
        valkey.start()
    again = open_at(other, page.session)
    again.say("getHistory")
    ends = [until_end(tab, of)[-1] for tab in (page, again)]
    assert [(end["state"], end["text"]) for end in ends] == [("complete", ends[0]["text"])] * 2
    assert simulator.stats()["calls"] == 1


@pytest.mark.parametrize(
    ("open_at", "break_off"),
    [("direct", Valkey.pause), ("direct", Valkey.kill), ("gateway", Valkey.kill)],
    indirect=["open_at"],
)
def test_tabs_at_other_processes_hear_how_an_answer_ended_though_redis_is_gone(
    start: Start, valkey: Valkey, simulator: Simulator,
    open_at: OpenAt, break_off: Callable[[Valkey], None],
) -> None:  # fmt: skip
    one, other = start(2)
    simulator.latency(first_token=0.0, per_token=0.05)
    page = open_at(one)
    tab = open_at(other, page.session)
    of, _ = begin(page, "delta")
    tab.until("delta")
    break_off(valkey)
    ends = [until_end(each, of)[-1] for each in (page, tab)]
    assert [(end["state"], end["text"]) for end in ends] == [("complete", ends[0]["text"])] * 2
    assert simulator.stats()["calls"] == 1


def test_a_late_answer_arrives_though_redis_is_gone(
    start: Start, valkey: Valkey, simulator: Simulator
) -> None:
    [web] = start(1)
    simulator.fault("ServiceUnavailableException")
    with opened(web.port) as page:
        of = page.ask(QUESTION)
        assert until_end(page, of)[-1]["state"] == "deferred"
        valkey.kill()
        with opened(web.port, page.session) as tab:
            tab.say("getHistory")
            tab.until("history")
            exchange, _ = sessions.find(page.session, of)
            assert exchange is not None
            answer = Answer("お待たせの答え", State.COMPLETE)
            sessions.finish(page.session, exchange.question, answer)
            for each in (page, tab):
                late = each.until("late", LONGEST_WAIT)[-1]
                assert (late["of"], late["text"], late["state"]) == (of, answer.text, "complete")


def test_a_late_try_without_redis_ends_with_an_answer_that_comes_later(
    start: Start, valkey: Valkey
) -> None:
    session, of = new_visitor(), str(uuid4())
    asked_at = datetime.now(UTC) - timedelta(seconds=24.5)  # by a process that died since
    rows.put(session, Turn(1, "user", QUESTION, State.COMPLETE, of, asked_at, "ja"))
    [web] = start(1)
    valkey.kill()
    with opened(web.port, session) as page:
        page.say("getHistory")
        assert until_end(page, of)[-1]["state"] == "deferred"
    wait(lambda: bool(received(DEFERRED_QUEUE)))
