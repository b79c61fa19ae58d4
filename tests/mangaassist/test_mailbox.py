"""Text from a thread to a coroutine: all of it, in order, and never too much at once."""

from __future__ import annotations

import asyncio

import pytest

from mangaassist import mailbox
from mangaassist.mailbox import Mailbox


def test_all_arrives_in_order_though_the_reader_is_slower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST", 8)
    sent = [f"{n};" for n in range(300)]

    async def read() -> str:
        box, got = Mailbox(), ""
        writing = asyncio.to_thread(lambda: all([box.put(part, 10) for part in sent]))
        task = asyncio.create_task(writing)
        while len(got) < len("".join(sent)):
            part = await box.take(10)
            assert len(part) < mailbox.MOST + len(sent[-1])
            got += part
        assert await task
        return got

    assert asyncio.run(read()) == "".join(sent)


def test_a_writer_without_a_reader_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mailbox, "MOST", 1)

    async def write() -> list[bool]:
        box = Mailbox()
        kept = [box.put("a", 10), await asyncio.to_thread(box.put, "b", 0.01)]
        waiting = asyncio.create_task(asyncio.to_thread(box.put, "c", 10))
        await asyncio.sleep(0.01)
        box.close()
        return [*kept, await waiting]

    assert asyncio.run(write()) == [True, False, False]


def test_a_reader_waits_no_longer_than_it_wants() -> None:
    async def read() -> str:
        box = Mailbox()
        with pytest.raises(TimeoutError):
            await box.take(0.001)
        box.wake()
        return await box.take(10)

    assert asyncio.run(read()) == ""
