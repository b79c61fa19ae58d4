"""What a process says to Redis goes at once, and fails together no more than it must."""

from __future__ import annotations

import asyncio
import re
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
import uvloop
from redis.exceptions import NoScriptError

from chat import redis_line, wire
from chat.wire import MOST, Wire
from mangaassist.rates import ERRORS_TO_OPEN
from tests.stack import Stack

PATIENCE = 1.0  # seconds, so that only the word that the test makes slow is
UNKNOWN = "0" * 40  # names no script
BROKEN = "return string.char(255)"  # is no UTF-8

Talk = Callable[[Wire], Awaitable[Any]]


@pytest.fixture
def url(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> str:
    for module in (redis_line, wire):
        monkeypatch.setattr(module, "TIMEOUT", PATIENCE)
    return stack.common["REDIS_URL"]


def said(url: str, talk: Talk) -> Any:
    """What comes of a talk through a wire of its own, in the loop that web processes have."""

    async def run() -> Any:
        wire = Wire(url)
        try:
            return await talk(wire)
        finally:
            wire.close()

    return uvloop.run(run())


async def echoes(wire: Wire, *words: str) -> list[str | None]:
    """What comes back of words that are said at the same time."""
    answers: list[str | None] = await asyncio.gather(*(wire.say("ECHO", word) for word in words))
    return answers


def test_a_slow_word_fails_those_on_their_way_and_redis_is_not_given_up(url: str) -> None:
    async def talk(wire: Wire) -> list[str | None]:
        slow = wire.say("BLPOP", f"nothing:{uuid4()}", 60)
        words = (str(n) for n in range(MOST + 5))
        return [*await asyncio.gather(slow, echoes(wire, *words)), await wire.say("ECHO", "after")]

    later = [str(n) for n in range(MOST - 1, MOST + 5)]
    assert said(url, talk) == [None, [None] * (MOST - 1) + later, "after"]


async def listed(wire: Wire, pattern: str) -> None:
    """Returns when Redis lists such a client."""
    async with asyncio.timeout(PATIENCE):
        while not re.search(pattern, await wire.say("CLIENT", "LIST")):
            await asyncio.sleep(0)


def test_a_word_is_on_its_way_while_another_one_has_no_answer(url: str) -> None:
    key = f"nothing:{uuid4()}"

    async def talk(wire: Wire) -> list[Any]:
        other = Wire(url)
        me = await wire.say("CLIENT", "ID")
        slow = asyncio.create_task(wire.say("BLPOP", key, 60))
        await listed(other, f"id={me} .* flags=b ")
        later = asyncio.create_task(wire.say("ECHO", "later"))
        await listed(other, f"id={me} .* qbuf=[1-9].* cmd=blpop")
        await other.say("RPUSH", key, "at last")
        other.close()
        return [await slow, await later]

    assert said(url, talk) == [[key, "at last"], "later"]


def test_without_redis_every_word_is_answered_by_nothing() -> None:
    words = [str(n) for n in range(5 * MOST)]
    assert said("redis://127.0.0.1:1", lambda wire: echoes(wire, *words)) == [None] * 5 * MOST


def test_a_word_that_redis_refuses_fails_alone(url: str) -> None:
    async def talk(wire: Wire) -> Any:
        return await asyncio.gather(
            wire.say("ECHO", "before"),
            wire.say("NONSENSE"),
            wire.say("EVALSHA", UNKNOWN, 0),
            wire.say("EVAL", BROKEN, 0),
            wire.say("ECHO", "after"),
            return_exceptions=True,
        )

    before, refused, unknown, broken, after = said(url, talk)
    assert (before, refused, after) == ("before", None, "after")
    assert isinstance(unknown, NoScriptError)
    assert isinstance(broken, UnicodeDecodeError)


def test_redis_rests_after_refusals_in_a_row(url: str) -> None:
    async def talk(wire: Wire) -> list[str | None]:
        for _ in range(ERRORS_TO_OPEN - 1):
            await wire.say("NONSENSE")
        first = await wire.say("ECHO", "still there")
        for _ in range(ERRORS_TO_OPEN):
            await wire.say("NONSENSE")
        return [first, await wire.say("ECHO", "too many")]

    assert said(url, talk) == ["still there", None]


def test_whoever_asks_no_more_leaves_the_answers_of_others_to_them(url: str) -> None:
    async def talk(wire: Wire) -> list[str | None]:
        words = [asyncio.create_task(wire.say("ECHO", n)) for n in range(4)]
        await asyncio.sleep(0)
        words[0].cancel()
        words[2].cancel()
        return [await words[1], await words[3]]

    assert said(url, talk) == ["1", "3"]


def test_a_process_that_is_late_itself_hears_what_has_come_meanwhile(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.wire.TIMEOUT", 0.3)

    async def talk(wire: Wire) -> Any:
        loop = asyncio.get_running_loop()
        here, there = socket.socketpair()

        def take_long() -> None:
            loop.remove_reader(here)
            time.sleep(0.5)

        with here, there:
            await wire.say("PING")
            there.send(b"something that takes long")
            loop.add_reader(here, take_long)
            return await wire.say("ECHO", "came in time")

    assert said(url, talk) == "came in time"


def test_a_word_goes_to_the_database_of_the_url(url: str) -> None:
    async def talk(wire: Wire) -> str:
        return str(await wire.say("CLIENT", "INFO"))

    assert " db=3 " in said(f"{url.rpartition('/')[0]}/3", talk)


def test_what_is_on_its_way_at_the_end_is_answered_by_nothing(url: str) -> None:
    async def talk(wire: Wire) -> Any:
        slow = asyncio.create_task(wire.say("BLPOP", f"nothing:{uuid4()}", 60))
        await asyncio.sleep(0)
        wire.close()
        return await slow

    assert said(url, talk) is None


def test_more_answers_than_words_answer_nobody_and_end_the_connection(url: str) -> None:
    async def talk(wire: Wire) -> list[Any]:
        return [await wire.say("SUBSCRIBE", "one", "two"), await wire.say("ECHO", "after")]

    assert said(url, talk) == [None, "after"]
