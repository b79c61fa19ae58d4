"""Answers that are read while they are written, from servers that do it well or badly."""

from __future__ import annotations

import threading

import pytest
from botocore.exceptions import (
    ConnectionClosedError,
    EndpointConnectionError,
    ReadTimeoutError,
)
from urllib3.exceptions import ProtocolError

from local import ports
from mangaassist import incoming
from mangaassist.incoming import answer_to
from tests.mangaassist.peer import SOON, Behaviour, Client, serving

HEAD = b"HTTP/1.1 200 OK\r\nX-Amzn-RequestId: 7\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b"0\r\n\r\n"


@pytest.fixture(autouse=True)
def no_connections() -> None:
    incoming._idle.clear()


def ask(url: str, within: float = SOON) -> bytes:
    with answer_to(url, {}, b"ask", within) as answer:
        return answer.whole()


def test_each_part_is_there_before_the_next_is_written() -> None:
    heard = threading.Event()

    def behave(client: Client) -> None:
        client.read()
        client.write(HEAD)
        client.say(b"one ", b"two")
        assert heard.wait(SOON)
        client.say(b" three")
        client.write(END)

    with serving(behave) as url, answer_to(url, {}, b"ask", SOON) as answer:
        assert (answer.status, answer.headers["x-amzn-requestid"]) == (200, "7")
        parts, text = answer.parts(), b""
        while text != b"one two":
            text += next(parts)
        heard.set()
        assert b"".join(parts) == b" three"


def test_a_large_answer_comes_whole() -> None:
    words = [bytes([number % 256]) * 5_000 for number in range(400)]

    def behave(client: Client) -> None:
        client.read()
        client.write(HEAD)
        client.say(*words)
        client.write(END)

    with serving(behave) as url:
        assert ask(url) == b"".join(words)


def test_an_announcement_is_no_answer() -> None:
    def behave(client: Client) -> None:
        client.read()
        client.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 404 Not Found\r\n")
        client.write(b"Content-Length: 4\r\n\r\nnone")

    with serving(behave) as url, answer_to(url, {}, b"ask", SOON) as answer:
        assert (answer.status, answer.whole(), "link" in answer.headers) == (404, b"none", False)


def test_nobody_listens() -> None:
    with pytest.raises(EndpointConnectionError):
        ask(f"http://127.0.0.1:{ports.free()}/")


def test_a_server_that_goes_without_a_word_has_closed_the_connection() -> None:
    def behave(client: Client) -> None:
        client.read()

    with serving(behave) as url, pytest.raises(ConnectionClosedError):
        ask(url)


@pytest.mark.parametrize("said", [HEAD[:-2], HEAD[:20], b"HTTP/1.1 103 Early Hints\r\n\r\n"])
def test_a_head_that_breaks_off_is_a_closed_connection(said: bytes) -> None:
    def behave(client: Client) -> None:
        client.read()
        client.write(said)

    with serving(behave, answering(1)) as url:
        with pytest.raises(ConnectionClosedError):
            ask(url)
        assert not incoming._idle
        assert ask(url) == b"word"


def test_what_trails_an_answer_is_no_part_of_its_head() -> None:
    def behave(client: Client) -> None:
        client.read()
        client.write(HEAD + b"4\r\nword\r\n0\r\nX-Amzn-RequestId: 8\r\n\r\n")

    with serving(behave) as url, answer_to(url, {}, b"ask", SOON) as answer:
        assert (answer.headers["x-amzn-requestid"], answer.whole()) == ("7", b"word")


def until_it_goes(*said: bytes) -> Behaviour:
    """Says something and waits until the client has gone."""

    def behave(client: Client) -> None:
        client.read()
        for data in said:
            client.write(data)
        assert not client.read()

    return behave


@pytest.mark.parametrize("said", [(), (HEAD,), (HEAD, b"4\r\nword\r\n")])
def test_a_long_pause_ends_a_call_wherever_it_is(said: tuple[bytes, ...]) -> None:
    with serving(until_it_goes(*said)) as url, pytest.raises(ReadTimeoutError):
        ask(url, 0.1)


def test_a_pause_is_no_limit_of_the_whole_answer() -> None:
    heard = threading.Semaphore(0)

    def behave(client: Client) -> None:
        client.read()
        client.write(HEAD)
        for word in words:
            client.say(word)
            assert heard.acquire(timeout=SOON)
        client.write(END)

    words = [b"%d" % number for number in range(3)]
    with serving(behave) as url, answer_to(url, {}, b"ask", 1.0) as answer:
        got = b""
        for part in answer.parts():
            got += part
            threading.Event().wait(0.4)  # which together are longer than the pause
            heard.release()
    assert got == b"".join(words)


def test_what_came_before_a_cut_is_not_lost() -> None:
    def behave(client: Client) -> None:
        client.read()
        client.write(HEAD)
        client.say(b"one")

    with serving(behave) as url, answer_to(url, {}, b"ask", SOON) as answer:
        parts = answer.parts()
        assert next(parts) == b"one"
        with pytest.raises(ProtocolError):
            next(parts)


def test_another_thread_hangs_up_and_the_server_sees_it() -> None:
    with serving(until_it_goes(HEAD, b"4\r\nword\r\n")) as url:
        with answer_to(url, {}, b"ask", SOON) as answer:
            parts = answer.parts()
            assert next(parts) == b"word"
            hanging_up = threading.Timer(0.05, answer.hang_up)
            hanging_up.start()
            assert list(parts) == []
            hanging_up.join()


def answering(times: int) -> Behaviour:
    """Answers so many requests of one connection and closes it."""

    def behave(client: Client) -> None:
        for _ in range(times):
            assert client.read()
            client.write(HEAD)
            client.say(b"word")
            client.write(END)

    return behave


def test_calls_share_a_connection() -> None:
    with serving(answering(3)) as url:
        assert [ask(url) for _ in range(3)] == [b"word"] * 3
    assert len(incoming._idle) == 1


def test_a_connection_that_the_server_has_closed_is_replaced() -> None:
    with serving(answering(1), answering(1)) as url:
        assert [ask(url) for _ in range(2)] == [b"word"] * 2


def test_a_call_that_broke_leaves_nothing_to_the_next() -> None:
    with serving(until_it_goes(HEAD, b"4\r\nword\r\n"), answering(1)) as url:
        with answer_to(url, {}, b"ask", SOON) as answer:
            assert next(answer.parts()) == b"word"
        assert not incoming._idle
        assert ask(url) == b"word"
