"""A tab asks after answers of which it hears nothing more."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Set
from contextlib import contextmanager

import pytest

from chat import silence
from chat.server_frames import Accepted, Cleared, Delta, Done, ServerFrame, numbered
from chat.silence import Silence

ACCEPTED, END = Accepted("m1", 1, "質問"), Done("m1", "complete", '"type":"accepted"')


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "SILENT", 0.01)


class Tab:
    """Hears frames as they come from the log; asked: what it asked after."""

    def __init__(self) -> None:
        self.asked: asyncio.Queue[set[str]] = asyncio.Queue()
        self.over = asyncio.Event()
        self.failures = 0
        self.silence = Silence(self.ask, self.over.set)

    async def ask(self, messages: Set[str]) -> None:
        await self.asked.put(set(messages))
        if self.failures:
            self.failures -= 1
            raise RuntimeError("The test wants this.")

    def hear(self, *frames: ServerFrame) -> None:
        for n, frame in enumerate(frames, 1):
            self.silence.hear(numbered(n, frame.encoded()))


@contextmanager
def listening() -> Iterator[Tab]:
    tab = Tab()
    try:
        yield tab
    finally:
        tab.silence.close()


def test_an_answer_that_falls_silent_is_asked_after_until_its_end() -> None:
    async def scenario() -> None:
        with listening() as tab:
            tab.failures = 1
            tab.hear(
                ACCEPTED, Delta("m1", "途中"), Accepted("m2", 3, "次"), Done("m2", "failed", "")
            )
            assert [await tab.asked.get() for _ in range(3)] == [{"m1"}] * 3
            tab.silence.hear(END.encoded())
            tab.hear(Accepted("m3", 5, "次"))
            assert await tab.asked.get() == {"m3"}

    asyncio.run(scenario())


@pytest.mark.parametrize("end", [END, Cleared()])
def test_nothing_is_asked_when_all_has_ended(end: ServerFrame) -> None:
    async def scenario() -> None:
        with listening() as tab:
            tab.hear(ACCEPTED, end)
            while tab.silence._task is not None:
                await asyncio.sleep(0.01)
            assert tab.asked.empty()

    asyncio.run(scenario())


def test_a_message_without_an_end_is_over_at_last(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(silence, "OVER", 0.03)

    async def scenario() -> None:
        with listening() as tab:
            tab.hear(ACCEPTED)
            await tab.over.wait()
            assert await tab.asked.get() == {"m1"}

    asyncio.run(scenario())
