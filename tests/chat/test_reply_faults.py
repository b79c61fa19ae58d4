"""Many messages at once, with faults at random: each ends once, in time, and never blank."""

from __future__ import annotations

import asyncio
from itertools import count
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat import beginning, reply, retrieval, trying
from chat.answers import Done
from chat.catalogue import Found
from chat.reply import Accepted, Event
from chat.trying import Delta, Phase
from chat.turns import State
from mangaassist import bedrock_call, bedrock_stream
from tests.chat.store import Broken, Memory, Mood, done, listen, released, said
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("web", "no_titles", "hanging")

QUICK = {
    (reply, "LONGEST"): 1.5, (reply, "ENDING"): 0.5, (beginning, "BEGINNING"): 0.2,
    (reply, "SAVING"): 0.25, (reply, "SHORTEST_TRY"): 0.1, (reply, "LOOK_WITHIN"): 0.2,
    (bedrock_stream, "STALL"): 0.15, (bedrock_stream, "GRACE"): 0.1,
    (bedrock_stream, "GATHERING"): 0.01,
    (retrieval, "BUDGET"): 0.1, (trying, "COALESCING"): 0.01,
}  # fmt: skip


@pytest.fixture
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """A day in which seconds are twenty times shorter."""
    for (module, name), seconds in QUICK.items():
        monkeypatch.setattr(module, name, seconds)
    monkeypatch.setattr(bedrock_call, "read_timeout", lambda tokens: 0.4)


FAULTS: list[dict[str, Any]] = [
    *({"fault": name} for name in (
        "ThrottlingException", "InternalServerException", "AccessDeniedException", "hang", "empty",
        "ModelTimeoutException", "malformed",
    )),
    {"fault": "ValidationException", "message": "prompt is too long"},
    *({"fault": name, "at_token": at} for at in (0, 3, 30) for name in (
        "hang", "cut", "silent_end", "malformed", "ModelStreamErrorException",
        "ThrottlingException",
    )),
    *({"fault": "stop_reason", "value": value} for value in (
        "refusal", "max_tokens", "tool_use", "pause_turn", "model_context_window_exceeded",
    )),
    {"fault": "slow", "seconds": 0.3},
]  # fmt: skip
MOODS: list[Mood] = ["well", "well", "raises", "hangs"]
SCENARIOS = st.tuples(
    st.lists(st.sampled_from(FAULTS), max_size=2),
    st.tuples(*[st.sampled_from(MOODS)] * 2),
    st.sampled_from(["well", "raises", "hangs"]),
    st.sampled_from([None, None, Accepted, Phase, Delta]),
    st.booleans(),
)
numbers = count(1)


def moody(message: str, language: str) -> Found:
    """A catalogue that does what the message says."""
    if "raises" in message:
        raise Broken
    if "hangs" in message:
        released.wait(30)
    return Found()


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(SCENARIOS, min_size=10, max_size=10))
def test_every_message_ends_once_in_time_and_never_blank(
    simulator: Simulator, hurried: None, scenarios: list[Any]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retrieval, "look_up", moody)
        names = [f"x{next(numbers)}x" for _ in scenarios]
        simulator.faults(*(
            {**fault, "contains": name, "times": 1}
            for name, scenario in zip(names, scenarios, strict=True) for fault in scenario[0]
        ))  # fmt: skip
        for events in asyncio.run(together(names, scenarios)):
            check(events)


async def together(names: list[str], scenarios: list[Any]) -> list[list[Event]]:
    async with asyncio.timeout(60):
        return await asyncio.gather(*(
            listen(
                f"{name} {catalogue} {'なぜ' if is_complex else ''}", Memory(moods), stop_at=stop_at
            )
            for name, (_, moods, catalogue, stop_at, is_complex)
            in zip(names, scenarios, strict=True)
        ))  # fmt: skip


def check(events: list[Event]) -> None:
    end = done(events)
    assert isinstance(end, Done)
    assert end.seconds["total"] < reply.LONGEST + 5.0  # a busy machine may be late by this
    assert end.text or end.notice
    assert end.state is State.REFUSED or end.text == said(events)
    assert end.notice or end.state in (State.COMPLETE, State.REFUSED)
