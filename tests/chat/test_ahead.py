"""A generator that runs ahead loses nothing, tells how it failed, and ends when it must."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from chat.ahead import Ahead


class Broken(Exception):
    """What a generator raises."""


class Numbers:
    """Yields three numbers and raises Broken if it shall; says when it is over."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.over = asyncio.Event()

    async def count(self) -> AsyncGenerator[int]:
        try:
            for number in range(3):
                yield number
            if self.fails:
                raise Broken
        finally:
            self.over.set()


async def read(ahead: Ahead[int]) -> list[int]:
    return [number async for number in ahead.read()]


def test_it_runs_before_anybody_reads() -> None:
    async def run() -> None:
        numbers = Numbers()
        ahead = Ahead(numbers.count())
        await numbers.over.wait()
        assert await read(ahead) == [0, 1, 2]

    asyncio.run(run())


def test_what_it_raises_comes_after_what_it_yielded() -> None:
    async def run() -> None:
        ahead, heard = Ahead(Numbers(fails=True).count()), []
        with pytest.raises(Broken):
            async for number in ahead.read():
                heard.append(number)
        assert heard == [0, 1, 2]

    asyncio.run(run())


def test_closed_it_ends_where_it_is() -> None:
    async def hang(over: asyncio.Event) -> AsyncGenerator[int]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            over.set()

    async def run() -> None:
        over = asyncio.Event()
        ahead = Ahead(hang(over))
        assert await anext(ahead.read()) == 1
        await ahead.close()
        assert over.is_set()

    asyncio.run(run())
