"""Whoever hears a session hears what any process publishes, also after Redis was gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from uuid import uuid4

import pytest

from chat import hub, redis_line
from chat.hub import Hub
from chat.thread import STOP, channel_of
from chat.wire import Wire
from tests.stack import Stack

PATIENCE = 1.0  # seconds
QUIET = 0.1  # seconds


class Tab:
    """heard: what came, with `missed` when something may not have come."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[int, str] | str] = asyncio.Queue()

    def deliver(self, n: int, text: str) -> None:
        self.heard.put_nowait((n, text))

    def tell(self, text: str) -> None:
        self.heard.put_nowait(text)

    def stop(self, of: str) -> None:
        self.heard.put_nowait(f"stop {of}")

    def missed(self) -> None:
        self.heard.put_nowait("missed")


Scenario = Callable[[Hub, Tab, Wire, str], Awaitable[None]]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "PAUSE", 0.01)
    monkeypatch.setattr(hub, "QUIET", QUIET)
    for module in (hub, redis_line):
        monkeypatch.setattr(module, "TIMEOUT", PATIENCE)


def played(stack: Stack, scenario: Scenario) -> None:
    """Plays a scenario with a tab that hears a session, and with somebody else's wire."""

    async def play() -> None:
        url = stack.common["REDIS_URL"]
        hub, tab, wire, session = Hub(url), Tab(), Wire(url), str(uuid4())
        try:
            async with asyncio.timeout(10 * PATIENCE):
                await hub.join(session, tab)
                assert hub.hears(session)
                assert await tab.heard.get() == "missed"
                await scenario(hub, tab, wire, session)
        finally:
            wire.close()
            await hub.close()

    asyncio.run(play())


def test_a_tab_hears_frames_and_stops_of_its_session_until_it_leaves(stack: Stack) -> None:
    async def scenario(hub: Hub, tab: Tab, wire: Wire, session: str) -> None:
        other = Tab()
        await hub.join(f"{session}-2", other)
        await wire.say("PUBLISH", channel_of(session), '{"n":7,"type":"cleared"}')
        await wire.say("PUBLISH", channel_of(session), f"{STOP}m1")
        assert await tab.heard.get() == (7, '{"n":7,"type":"cleared"}')
        assert await tab.heard.get() == "stop m1"
        hub.leave(session, tab)
        while await wire.say("PUBLISH", channel_of(session), f"{STOP}m2"):
            await asyncio.sleep(0)
        assert tab.heard.empty()
        assert other.heard.empty()

    played(stack, scenario)


def test_a_lost_connection_is_opened_again_and_tabs_look_for_what_they_missed(stack: Stack) -> None:
    async def scenario(hub: Hub, tab: Tab, wire: Wire, session: str) -> None:
        await wire.say("CLIENT", "KILL", "TYPE", "pubsub")
        assert await tab.heard.get() == "missed"
        await wire.say("PUBLISH", channel_of(session), f"{STOP}m1")
        assert await tab.heard.get() == "stop m1"

    played(stack, scenario)


def test_a_redis_that_answers_no_ping_is_left(stack: Stack) -> None:
    async def scenario(hub: Hub, tab: Tab, wire: Wire, session: str) -> None:
        await wire.say("CLIENT", "PAUSE", int(5_000 * QUIET), "ALL")
        assert await tab.heard.get() == "missed"

    played(stack, scenario)


def test_a_quiet_redis_that_answers_pings_is_kept(stack: Stack) -> None:
    async def scenario(hub: Hub, tab: Tab, wire: Wire, session: str) -> None:
        before = await _pings(wire)
        while await _pings(wire) < before + 3:
            await asyncio.sleep(QUIET)
        assert tab.heard.empty()

    played(stack, scenario)


async def _pings(wire: Wire) -> int:
    """How often Redis was asked whether it is there."""
    stats = str(await wire.say("INFO", "commandstats"))
    return int(stats.partition("cmdstat_ping:calls=")[2].partition(",")[0] or 0)
