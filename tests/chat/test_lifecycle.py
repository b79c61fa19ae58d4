"""When connections end, and what becomes of answers when connections, processes or Redis do."""

from __future__ import annotations

import asyncio
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.test import override_settings
from websockets.exceptions import ConnectionClosed

from chat import answering
from chat.server_frames import Accepted, Delta
from chat.thread import ThreadLog
from chat.visitors import new_visitor
from local import ports
from tests.chat.conftest import Open, chatting, through_gateway
from tests.chat.page import Page, opened
from tests.chat.talking import Talk
from tests.mangaassist.server import SOON
from tests.processes import wait
from tests.stack import Stack


@pytest.fixture
def other_port(talk: Talk) -> Iterator[int]:
    """The chat as a second process serves it."""
    with chatting(talk) as port:
        yield port


def close_code(page: Page) -> int:
    with pytest.raises(ConnectionClosed) as closed:
        page.frame()
    assert closed.value.rcvd is not None
    return closed.value.rcvd.code


def test_an_idle_connection_ends(either_port: int) -> None:
    with override_settings(CHAT_IDLE_SECONDS=0.05), opened(either_port) as page:
        assert page.frame()["reason"] == "idle"
        assert close_code(page) == 1000


def test_an_old_connection_ends_though_it_is_busy(either_port: int) -> None:
    with override_settings(CHAT_LIFE_SECONDS=0.5), opened(either_port) as page:
        page.say("ping")
        closing = page.until("closing")[-1]
        assert (closing["reason"], closing["retry_after"]) == ("too_old", 1.0)


def test_a_flood_is_told_so_by_the_code(port: int) -> None:
    with override_settings(CHAT_CONNECTION_RATE=(1, 1)), opened(port) as page:
        with suppress(ConnectionClosed):
            for _ in range(200):
                page.say("ping")
        page.until("closing")
        assert close_code(page) == 1008


def test_no_number_is_left_out_while_an_answer_runs(open_page: Open) -> None:
    page = open_page()
    page.ask("3")
    numbers = [frame["n"] for frame in page.until("done")]
    assert numbers == list(range(numbers[0], numbers[0] + 6))


def test_tabs_at_two_processes_see_one_thread(open_page: Open, other_port: int) -> None:
    here = open_page()
    with opened(other_port, here.session) as there:
        here.ask("3")
        assert here.until("done") == there.until("done")


def test_an_answer_is_stopped_from_another_process(open_page: Open, other_port: int) -> None:
    here = open_page()
    with opened(other_port, here.session) as there:
        of = here.ask("9 wait")
        there.until("delta")
        there.say("stop", of=of)
        assert here.until("done")[-1]["state"] == "stopped"


def test_a_message_is_answered_once_though_two_processes_are_asked(
    open_page: Open, other_port: int, talk: Talk
) -> None:
    here = open_page()
    with opened(other_port, here.session) as there:
        of = here.ask("2 wait")
        there.until("delta")
        there.say("sendMessage", id=of, message="2 wait")
        talk.go.set()
        assert there.until("done")[-1]["text"] == "0、1、"
    assert talk.asked == ["2 wait"]


def test_a_message_whose_final_frame_is_gone_from_the_log_still_gets_one(
    stack: Stack, open_page: Open
) -> None:
    page = open_page()
    of = page.ask("1")
    page.until("done")
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        valkey.delete(f"{{chat:{page.session}}}:log")
    page.say("sendMessage", id=of, message="1")
    assert page.frame()["type"] == "done"


def test_the_answer_of_a_killed_process_is_ended_by_another(stack: Stack, open_page: Open) -> None:
    session, of = new_visitor(), str(uuid4())

    async def begin_and_die() -> None:
        log = ThreadLog(stack.common["REDIS_URL"])
        await log.claim(session, of, 0.01)
        await log.append(session, [Accepted(of, 1, "質問").encoded()], "run", of, lease=0.01)
        await log.append(session, [Delta(of, "途中まで").encoded()], "run", of, lease=0.01)
        log.close()

    asyncio.run(begin_and_die())
    done = open_page(session).until("done")[-1]
    assert (done["state"], done["text"]) == ("incomplete", "途中まで")


def test_no_answer_is_believed_to_run_when_its_time_is_over(
    open_page: Open, other_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answering, "BELIEVED", 0.01)
    here = open_page()
    here.ask("9 wait")
    here.until("delta")
    with opened(other_port, here.session) as there:
        done = there.until("done")[-1]
    assert (done["state"], done["text"]) == ("incomplete", "0、")
    assert here.until("done")[-1] == done


@pytest.mark.parametrize("taken", [True, False])
def test_a_final_frame_of_which_redis_says_nothing_comes_once_with_its_number(
    open_page: Open, other_port: int, monkeypatch: pytest.MonkeyPatch, taken: bool
) -> None:
    append = ThreadLog.append
    unanswered: list[int | None] = []

    async def says_nothing_once(log: ThreadLog, *args: Any) -> int | None:
        if "end" not in args or unanswered:
            return await append(log, *args)
        unanswered.append(await append(log, *args) if taken else None)
        return None

    here = open_page()
    with opened(other_port, here.session) as there:
        monkeypatch.setattr(ThreadLog, "append", says_nothing_once)
        here.ask("1")
        ends = [tab.until("done")[-1] for tab in (here, there)]
        for tab in (here, there):
            tab.say("getHistory")
            assert tab.frame()["type"] == "history"
    assert ends[0] == ends[1]
    assert ends[0]["n"] == (unanswered[0] or ends[0]["n"])


def test_a_reader_that_reads_nothing_is_cut_off_and_may_resume(
    port: int, open_page: Open, talk: Talk
) -> None:
    with socket.socket() as narrow:
        narrow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        narrow.connect(("127.0.0.1", port))
        with opened(port, sock=narrow, max_queue=1) as lazy:
            lazy.ask("300 huge")
            seen = lazy.frame()["n"]
            wait(lambda: len(talk.turns.get(lazy.session, [])) == 2)
            again = open_page(lazy.session)
            again.say("resume", after=seen)
            done = again.until("done")[-1]
            assert (done["state"], done["text"]) == ("complete", "以上")
            with pytest.raises(ConnectionClosed):
                lazy.until("done")


@pytest.fixture
def silent_redis() -> Iterator[str]:
    """A Redis that accepts connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0"


def test_without_redis_tabs_of_this_process_still_see_all(silent_redis: str) -> None:
    talk = Talk()
    with override_settings(REDIS_URL=silent_redis), chatting(talk) as port, opened(port) as page:
        with opened(port, page.session) as other:
            of = page.ask("9 wait")
            page.until("delta")
            other.say("stop", of=of)
            frames = [tab.until("done")[-1] for tab in (page, other)]
        page.say("getHistory")
        assert page.frame()["turns"][0]["text"] == "9 wait"
    assert frames[0] == frames[1]
    assert frames[0]["state"] == "stopped"
    assert "n" not in frames[0]


@contextmanager
def started(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A web process of its own, as docker-compose.yml starts it, but with the tests' talk."""
    command = [
        sys.executable, "-W", "error", "-m", "uvicorn", "tests.chat.served:application",
        f"--port={port}", "--log-level=warning", "--ws=websockets-sansio", "--lifespan=on",
        "--timeout-graceful-shutdown=60",
    ]  # fmt: skip
    running = subprocess.Popen(command, env=dict(os.environ))
    try:
        wait(lambda: not ports.is_free(port))
        yield running
    finally:
        running.kill()
        running.wait()


def probe(port: int, path: str) -> int:
    """The status that a load balancer gets."""
    asking = http.client.HTTPConnection("127.0.0.1", port, timeout=SOON)
    with closing(asking):
        asking.request("GET", path)
        return asking.getresponse().status


def test_a_deploy_lets_running_answers_end(stack: Stack) -> None:
    port = ports.free()
    with started(port) as server, opened(port) as busy, opened(port) as quiet:
        busy.ask("60 slow")
        busy.until("delta")
        server.send_signal(signal.SIGTERM)
        assert quiet.frame()["reason"] == "deploy"
        assert close_code(quiet) == 1012
        assert [probe(port, path) for path in ("/healthz", "/readyz")] == [200, 503]
        *_, done, last = busy.until("closing")
        assert (done["state"], last["reason"]) == ("complete", "deploy")
        assert server.wait(SOON) == -signal.SIGTERM


def test_a_deploy_lets_answers_end_that_go_through_the_gateway(stack: Stack) -> None:
    port = ports.free()
    with (
        through_gateway([port]) as front,
        started(port) as server,
        opened(front.port) as busy,
        opened(front.port) as quiet,
    ):
        busy.ask("60 slow")
        busy.until("delta")
        server.send_signal(signal.SIGTERM)
        assert quiet.frame()["reason"] == "deploy"
        *_, done, last = busy.until("closing")
        assert (done["state"], last["reason"]) == ("complete", "deploy")
        assert server.wait(SOON) == -signal.SIGTERM
