"""A tab looks for late answers in the table while nobody could announce them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Set
from contextlib import contextmanager

import pytest

from chat import lateness
from chat.lateness import Lateness
from chat.server_frames import Cleared, Done, Late, ServerFrame

DEFERRED, LATE = Done("m1", "deferred", ""), Late("m1", "お待たせの答え", 2, "complete")


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lateness, "EVERY", 0.01)


class Tab:
    """looked: for what it looked; hears: what is asked next of Redis, and then always the last."""

    def __init__(self, *hears: bool) -> None:
        self.hears = list(hears)
        self.looked: asyncio.Queue[set[str]] = asyncio.Queue()
        self.lateness = Lateness(self.is_heard, self.look)

    def is_heard(self) -> bool:
        return self.hears.pop(0) if len(self.hears) > 1 else self.hears[0]

    async def look(self, messages: Set[str]) -> None:
        await self.looked.put(set(messages))
        raise RuntimeError("The test wants this.")

    def hear(self, *frames: ServerFrame) -> None:
        for frame in frames:
            self.lateness.hear(frame.encoded())

    async def end(self) -> None:
        """Returns when it looks for nothing any more."""
        while self.lateness._task is not None:
            await asyncio.sleep(0.01)


@contextmanager
def waiting(*hears: bool) -> Iterator[Tab]:
    tab = Tab(*hears)
    try:
        yield tab
    finally:
        tab.lateness.close()


def test_the_table_is_read_again_and_again_while_redis_is_gone() -> None:
    async def scenario() -> None:
        with waiting(False) as tab:
            tab.hear(DEFERRED, Done("m2", "complete", "すぐの答え"))
            assert [await tab.looked.get() for _ in range(2)] == [{"m1"}] * 2

    asyncio.run(scenario())


def test_the_table_is_read_once_more_when_redis_is_back_and_never_while_it_is_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lateness, "OVER", 0.2)

    async def scenario() -> None:
        with waiting(True, False, True) as tab:
            tab.lateness.expect({"m1"})
            await tab.end()
            assert tab.looked.qsize() == 2

    asyncio.run(scenario())


@pytest.mark.parametrize("end", [LATE, Cleared()])
def test_what_has_come_or_was_cleared_is_not_looked_for(end: ServerFrame) -> None:
    async def scenario() -> None:
        with waiting(False) as tab:
            tab.hear(DEFERRED, end)
            await tab.end()
            assert tab.looked.empty()

    asyncio.run(scenario())
