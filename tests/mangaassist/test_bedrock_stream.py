"""One streamed call of Bedrock: its words as they come, one bill, and every way it can break."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from typing import Any

import pytest
import redis

from mangaassist import activity, bedrock_stream, claude
from mangaassist.bedrock_stream import (
    GATHERING,
    MANY,
    Bill,
    Piece,
    StreamBroken,
    gathering,
    stream,
)
from mangaassist.deadline import Deadline
from mangaassist.errors import Failure, Misconfigured, Temporary, Throttled
from mangaassist.metrics.registry import registry
from mangaassist.pools import WEBSOCKET
from tests.simulator import Simulator
from tests.stack import Stack

MODEL = f"global.{claude.HAIKU_45}"
MESSAGES = [{"role": "user", "content": "おすすめの漫画は？"}]


@pytest.fixture(autouse=True)
def permits() -> Iterator[None]:
    """The permits of a web process with a few slots."""
    before = activity.pool, activity.permits
    activity.begin(WEBSOCKET.name, 8)
    yield
    activity.pool, activity.permits = before


class Heard:
    """What a caller got of one answer."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.bill: Bill | None = None
        self.failure: Failure | None = None

    @property
    def text(self) -> str:
        return "".join(self.pieces)


async def hear(
    heard: Heard, stopped: asyncio.Event | None = None, seconds: float = 20, **options: Any
) -> Heard:
    """Listens to the end; a stop, if one is given, is set at the first words."""
    settings = {"pool": WEBSOCKET, "patience": 0.3, "deadline": Deadline(seconds), **options}
    try:
        async for one in stream(MODEL, "Be brief.", MESSAGES, 400, stopped=stopped, **settings):
            if isinstance(one, Bill):
                heard.bill = one
                continue
            heard.pieces.append(one.text)
            if stopped:
                stopped.set()
    except Failure as failure:
        heard.failure = failure
    return heard


def ask(**options: Any) -> Heard:
    return asyncio.run(hear(Heard(), **options))


def left_permits(stack: Stack) -> int:
    """How many calls limiter and process count, once those that break off have said so."""
    deadline = time.monotonic() + 60
    with redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey:
        while count := activity.permits.in_use + int(
            valkey.zcard(f"{{bedrock:{MODEL}}}:permits:websocket")
        ):
            if time.monotonic() > deadline:
                break
            time.sleep(0.01)
    return count


def test_an_answer_comes_in_pieces_and_ends_with_its_bill(simulator: Simulator) -> None:
    simulator.latency(first_token=0.01, per_token=0.005)
    heard, stats = ask(), simulator.stats()
    assert len(heard.pieces) > 2
    assert heard.text.startswith("（模擬応答）")
    assert heard.bill
    assert heard.bill.stop_reason == "end_turn"
    assert (heard.bill.input_tokens, heard.bill.output_tokens) == (
        stats["input_tokens"], stats["output_tokens"],
    )  # fmt: skip


def test_who_reads_seldom_gets_more_at_a_time(simulator: Simulator) -> None:
    async def slowly() -> list[str]:
        simulator.latency(first_token=0.0, per_token=0.001)
        pieces = []
        options: Any = {"pool": WEBSOCKET, "patience": 0.3, "deadline": Deadline(20)}
        async for one in stream(MODEL, "Be brief.", MESSAGES, 400, **options):
            if isinstance(one, Piece):
                pieces.append(one.text)
                await asyncio.sleep(0.05)
        return pieces

    assert len(asyncio.run(slowly())) < 8


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("ThrottlingException", Throttled),
        ("ServiceUnavailableException", Temporary),
        ("AccessDeniedException", Misconfigured),
        ("ValidationException", Misconfigured),
    ],
)
def test_a_call_refused_before_the_first_word_is_classified(
    simulator: Simulator, stack: Stack, fault: str, kind: type[Failure]
) -> None:
    simulator.fault(fault)
    heard = ask()
    assert (type(heard.failure), heard.pieces) == (kind, [])
    assert simulator.stats()["calls"] == 1
    assert left_permits(stack) == 0


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"fault": "cut", "at_token": 5}, "ProtocolError"),
        ({"fault": "silent_end", "at_token": 5}, "ended_early"),
        ({"fault": "malformed", "at_token": 5}, "malformed_response"),
        ({"fault": "hang", "at_token": 5}, "stalled"),
        ({"fault": "ModelStreamErrorException", "at_token": 5}, "modelStreamErrorException"),
        ({"fault": "ThrottlingException", "at_token": 5}, "throttlingException"),
    ],
)
def test_an_answer_that_breaks_keeps_its_words_and_is_settled(
    simulator: Simulator,
    stack: Stack,
    monkeypatch: pytest.MonkeyPatch,
    fault: dict[str, Any],
    code: str,
) -> None:
    monkeypatch.setattr(bedrock_stream, "STALL", 0.2)
    monkeypatch.setattr(bedrock_stream, "GATHERING", 0.01)  # seconds of our own, not Bedrock's
    simulator.faults(fault)
    heard = ask()
    assert isinstance(heard.failure, StreamBroken)
    assert heard.failure.code == code
    assert heard.text
    assert heard.failure.bill.input_tokens > 0
    assert heard.failure.bill.output_tokens > 0
    assert left_permits(stack) == 0


def test_a_silent_bedrock_is_given_up_by_the_deadline(simulator: Simulator) -> None:
    simulator.fault("hang")
    heard = ask(seconds=0.3)
    assert heard.failure
    assert heard.failure.code in ("ReadTimeoutError", "deadline")


def test_an_answer_that_is_too_slow_ends_at_the_deadline(simulator: Simulator) -> None:
    simulator.latency(first_token=0.0, per_token=0.05)
    heard = ask(seconds=0.5)
    assert isinstance(heard.failure, StreamBroken)
    assert heard.failure.code == "deadline"
    assert heard.text


def test_a_stop_interrupts_a_blocked_read_and_settles(simulator: Simulator, stack: Stack) -> None:
    async def stop() -> Heard:
        return await hear(Heard(), asyncio.Event())

    simulator.fault("hang", at_token=5)
    heard = asyncio.run(stop())
    assert heard.bill
    assert heard.bill.stop_reason == "stopped"
    assert heard.text
    assert left_permits(stack) == 0


def test_a_stop_does_not_wait_for_an_answer_that_has_not_begun(
    simulator: Simulator, stack: Stack
) -> None:
    async def stop_early() -> int:
        stopped = asyncio.Event()
        hearing = asyncio.create_task(hear(heard, stopped))
        while not simulator.stats()["active"]:
            await asyncio.sleep(0.01)
        stopped.set()
        await hearing
        return int(simulator.stats()["active"])

    heard = Heard()
    simulator.fault("slow", seconds=1.0)
    assert asyncio.run(stop_early()) == 1
    assert heard.bill
    assert (heard.bill.stop_reason, heard.text) == ("stopped", "")
    assert left_permits(stack) == 0


def test_who_stops_listening_leaves_no_call_behind(simulator: Simulator, stack: Stack) -> None:
    async def leave() -> None:
        task = asyncio.create_task(hear(heard))
        while not heard.pieces:
            await asyncio.sleep(0.005)
        task.cancel()
        await asyncio.wait([task])

    heard = Heard()
    simulator.fault("hang", at_token=5)
    asyncio.run(leave())
    assert left_permits(stack) == 0


def test_calls_beyond_the_permits_of_the_process_are_refused(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def second_of_two() -> Heard:
        first = asyncio.create_task(hear(Heard()))
        while not simulator.stats()["active"]:
            await asyncio.sleep(0.005)
        second = await hear(Heard(), patience=0.05)
        first.cancel()
        return second

    monkeypatch.setattr(bedrock_stream, "GRACE", 0.1)
    activity.begin(WEBSOCKET.name, 1)
    simulator.fault("hang", at_token=5, times=1)
    second = asyncio.run(second_of_two())
    assert isinstance(second.failure, Throttled)
    assert second.failure.code == "limiter_busy"
    assert simulator.stats()["calls"] == 1
    with activity.permits.held():
        pass  # The first one's thread has ended too, and measures nothing of the next test.


def test_a_stream_is_measured(simulator: Simulator) -> None:
    registry.take()
    heard = ask()
    found = {one.metric.name: one.values for one in registry.take()}
    assert heard.bill
    assert found["BedrockCalls"] == [1]
    assert found["InputTokens"] == [heard.bill.input_tokens]
    assert found["OutputTokens"] == [heard.bill.output_tokens]
    assert len(found["TimeToFirstToken"]) == len(found["InvocationLatency"]) == 1
    assert found["CostUSD"][0] > 0


def test_a_busy_process_lets_more_text_gather_up_to_three_times_as_much() -> None:
    assert gathering(0) == GATHERING
    assert gathering(MANY // 2) == 2 * GATHERING
    assert gathering(MANY) == gathering(10 * MANY) == 3 * GATHERING
