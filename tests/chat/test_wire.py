"""What a process says to Redis goes together, and fails together no more than it must."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from chat import wire
from chat.wire import MOST, Wire
from tests.stack import Stack

PATIENCE = 1.0  # seconds, so that only the word that the test makes slow is


def test_a_slow_word_fails_one_exchange_and_redis_is_not_given_up(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "TIMEOUT", PATIENCE)

    async def talk() -> list[str | None]:
        wire = Wire(stack.common["REDIS_URL"])
        slow = wire.say("BLPOP", f"nothing:{uuid4()}", 60)
        words = (wire.say("ECHO", n) for n in range(MOST + 5))
        answers: list[str | None] = [
            *await asyncio.gather(slow, *words),
            await wire.say("ECHO", "after"),
        ]
        await wire.close()
        return answers

    later = [str(n) for n in range(MOST - 1, MOST + 5)]
    assert asyncio.run(talk()) == [*[None] * MOST, *later, "after"]


def test_without_redis_every_word_is_answered_by_nothing() -> None:
    async def talk() -> list[str | None]:
        wire = Wire("redis://127.0.0.1:1")
        return [*await asyncio.gather(*(wire.say("ECHO", n) for n in range(5 * MOST)))]

    assert asyncio.run(talk()) == [None] * 5 * MOST
