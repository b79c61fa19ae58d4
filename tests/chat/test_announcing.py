"""What a worker did reaches the tabs of a session, also when Redis is slow to say so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.test import override_settings

from chat import announcing
from chat.announcing import TRIES, announce
from chat.thread import Part, ThreadLog
from chat.turns import State, Turn
from mangaassist import metrics
from mangaassist.metrics.registry import registry
from tests.stack import Stack

ANSWER = Turn(2, "assistant", "全23巻です。", State.COMPLETE, "m", datetime.now(UTC), "ja")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "PAUSE", 0.0)


def test_a_frame_that_redis_does_not_take_at_once_is_sent_again(
    stack: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    append, tries = ThreadLog.append, []
    session = str(uuid4())

    async def late(log: ThreadLog, session: str, frames: list[str], part: Part, of: str) -> object:
        tries.append(of)
        return await append(log, session, frames, part, of) if len(tries) == TRIES else None

    async def kept() -> int:
        log = ThreadLog(stack.common["REDIS_URL"])
        tail = await log.read(session, 0)
        log.close()
        assert tail
        return len(tail.frames)

    monkeypatch.setattr(ThreadLog, "append", late)
    announce(session, "late", ANSWER)
    assert asyncio.run(kept()) == 1


def test_a_frame_that_nobody_takes_is_logged_and_counted(
    caplog: pytest.LogCaptureFixture,
) -> None:
    registry.take()
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        announce("s", "withdrawn", ANSWER)
    assert "frame_not_announced" in caplog.text
    [counted] = [one for one in registry.take() if one.metric is metrics.WS_NOT_ANNOUNCED]
    assert (counted.dimensions, counted.values) == ((("Kind", "withdrawn"),), [1])
