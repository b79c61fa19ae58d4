"""A connection is sent its frames in order, and given up when it takes none for too long."""

from __future__ import annotations

import asyncio

import pytest

from chat import outbox
from chat.outbox import MOST_FRAMES, Outbox

STUCK = 0.2  # seconds


class Reader:
    """taken: the frames it took; gone: when it is given up."""

    def __init__(self, *, pause: float = 0.0, is_stuck: bool = False) -> None:
        self._pause = pause
        self._is_stuck = is_stuck
        self.taken: list[str] = []
        self.gone = asyncio.Event()
        self.outbox = Outbox(self._take, self.gone.set)

    async def _take(self, text: str) -> None:
        if self._is_stuck:
            await asyncio.Event().wait()
        await asyncio.sleep(self._pause)
        self.taken.append(text)


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "STUCK", STUCK)


def test_frames_are_sent_in_their_order_and_all_before_the_end() -> None:
    async def scenario() -> None:
        reader = Reader()
        for n in range(5):
            reader.outbox.put(str(n))
        await reader.outbox.flush()
        reader.outbox.put("too late")
        assert reader.taken == ["0", "1", "2", "3", "4"]
        reader.outbox.drop()

    asyncio.run(scenario())


def test_a_reader_that_takes_a_frame_for_too_long_is_given_up() -> None:
    async def scenario() -> None:
        reader = Reader(is_stuck=True)
        reader.outbox.put("anything")
        await reader.outbox.flush()
        assert reader.gone.is_set()

    asyncio.run(scenario())


def test_a_slow_reader_that_takes_each_frame_in_time_is_sent_them_all() -> None:
    async def scenario() -> None:
        reader = Reader(pause=STUCK / 3)
        for n in range(7):
            reader.outbox.put(str(n))
        await reader.outbox.flush()
        assert reader.taken == ["0", "1", "2", "3", "4", "5", "6"]
        assert not reader.gone.is_set()
        reader.outbox.drop()

    asyncio.run(scenario())


def test_a_frame_that_comes_after_long_silence_is_not_taken_for_late() -> None:
    async def scenario() -> None:
        reader = Reader()
        asyncio.get_running_loop().call_later(STUCK, reader.outbox.put, "second")
        reader.outbox.put("first")
        while len(reader.taken) < 2 and not reader.gone.is_set():
            await asyncio.sleep(0.01)
        assert reader.taken == ["first", "second"]
        reader.outbox.drop()

    asyncio.run(scenario())


def test_a_reader_with_too_many_frames_before_it_is_given_up() -> None:
    async def scenario() -> None:
        reader = Reader(is_stuck=True)
        for n in range(MOST_FRAMES + 1):
            assert not reader.gone.is_set()
            reader.outbox.put(str(n))
        assert reader.gone.is_set()

    asyncio.run(scenario())
