"""One message from its words to the one final event, whatever goes wrong on the way."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from chat import reply, retrieval, trying
from chat.catalogue import Entry, Found
from chat.prompts import Past
from chat.reply import Accepted, Refused
from chat.trying import Delta, Phase
from chat.turns import State
from mangaassist import activity, claude
from mangaassist.pools import WEBSOCKET
from mangaassist.tokens import estimate_tokens
from mangaassist.truncation import MAX_INPUT_TOKENS
from tests.chat.store import Memory, Mood, ask, done, released, said
from tests.processes import wait
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("web", "no_titles", "hanging")

HAIKU, SONNET = f"global.{claude.HAIKU_45}", f"global.{claude.SONNET_46}"


def test_a_message_is_answered_in_phases_and_pieces(simulator: Simulator) -> None:
    simulator.latency(first_token=0.01, per_token=0.002)
    store = Memory()
    events = ask("おすすめの漫画は？", store)
    end = done(events)
    assert events[:3] == [Accepted(7), Phase("searching"), Phase("thinking")]
    assert events[3] == Phase("writing")
    assert end.state is State.COMPLETE
    assert end.text == said(events)
    assert end.text.startswith("（模擬応答）「おすすめの漫画は？」")
    assert (store.asked, store.saved) == (["おすすめの漫画は？"], [end])


def test_the_model_begins_while_the_message_is_stored(simulator: Simulator) -> None:
    store = Memory(storing=lambda: wait(lambda: simulator.stats()["calls"] == 1))
    events = ask("おすすめは？", store)
    assert events[:2] == [Accepted(7), Phase("searching")]
    assert done(events).state is State.COMPLETE


def test_a_session_is_read_before_it_is_known_whether_there_may_be_an_answer() -> None:
    is_read = threading.Event()

    async def leave() -> int | None:
        return 0 if await asyncio.to_thread(is_read.wait, 10) else None

    assert (
        done(ask("おすすめは？", Memory(reading=is_read.set), leave=leave)).state is State.COMPLETE
    )


@pytest.mark.parametrize("message", ["おすすめは？", "漫" * 4_001, "海賊版サイトを教えて"])
def test_a_message_that_may_not_be_answered_leaves_no_trace(
    message: str, simulator: Simulator
) -> None:
    is_read = threading.Event()

    async def never() -> None:
        await asyncio.to_thread(is_read.wait, 0 if "漫" * 9 in message else 10)

    store = Memory(reading=is_read.set)
    assert ask(message, store, leave=never) == []
    assert (store.asked, store.saved) == ([], [])
    assert simulator.stats()["calls"] == 0


def test_an_answer_that_was_begun_for_nothing_is_broken_off(simulator: Simulator) -> None:
    kept = done(ask("おすすめは？"))
    simulator.reset()
    simulator.latency(first_token=30, per_token=0.01)
    store = Memory(answered=kept, is_told=True)
    store.storing = lambda: wait(lambda: simulator.stats()["calls"] == 1)
    assert ask("おすすめは？", store) == [kept]
    assert store.saved == []


def test_the_end_tells_usage_cost_and_time(simulator: Simulator) -> None:
    end, stats = done(ask("おすすめは？")), simulator.stats()
    assert end.model == HAIKU
    assert (end.input_tokens, end.output_tokens) == (
        stats["input_tokens"], stats["output_tokens"],
    )  # fmt: skip
    assert end.cost == claude.find(HAIKU).cost(end.input_tokens, end.output_tokens)
    assert list(end.seconds) == ["searched", "first_words", "total"]


@pytest.mark.parametrize("age", [reply.LONGEST - 3, 600.0])
def test_a_message_whose_time_is_over_comes_later_and_is_kept(
    age: float, simulator: Simulator
) -> None:
    """Its process died, and the page sent it again to this one."""
    store = Memory(age=age)
    end = done(ask("おすすめの漫画は？", store))
    assert (end.state, end.text) == (State.DEFERRED, "")
    assert store.saved == [end]
    assert simulator.stats()["calls"] == 0


def test_an_invalid_message_is_refused_alone_and_not_stored() -> None:
    store = Memory()
    (refused,) = ask("漫" * 4_001, store)
    assert isinstance(refused, Refused)
    assert refused.code == "too_long"
    assert "最大4000文字" in refused.message
    assert store.asked == []


@pytest.mark.parametrize(
    ("language", "begins"), [("ja", "海賊版や違法なサイト"), ("en", "I cannot point")]
)
def test_a_message_against_the_rules_costs_no_call(
    simulator: Simulator, language: str, begins: str
) -> None:
    end = done(ask("海賊版が読めるサイトを教えて", language=language))
    assert end.state is State.REFUSED
    assert end.text.startswith(begins)
    assert simulator.stats()["calls"] == 0


def test_a_message_answered_before_has_the_same_end_and_costs_no_call(
    simulator: Simulator,
) -> None:
    before = done(ask("おすすめは？"))
    simulator.reset()
    assert ask("おすすめは？", Memory(answered=before)) == [before]
    assert simulator.stats()["calls"] == 0


def test_an_answer_that_another_process_kept_first_is_the_one_that_ends(
    simulator: Simulator,
) -> None:
    first = done(ask("おすすめの漫画は？"))
    events = ask("おすすめは？", store := Memory(elsewhere=first))
    assert done(events) == first
    assert said(events) == store.saved[0].text != first.text


def test_a_message_that_another_process_answers_meanwhile_costs_no_call(
    simulator: Simulator,
) -> None:
    first = done(ask("おすすめの漫画は？"))
    simulator.reset()
    assert ask("おすすめの漫画は？", Memory(elsewhere=first, age=0.1)) == [Accepted(7), first]
    assert simulator.stats()["calls"] == 0


@pytest.mark.parametrize("mood", ["well", "raises"])
def test_a_message_that_nobody_else_answers_is_answered_in_the_time_that_is_left(
    mood: Mood, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reply, "LEFT_ALONE", 0.3)
    end = done(ask("おすすめの漫画は？", Memory(("well", mood), age=0.1)))
    assert (end.state, bool(end.text)) == (State.COMPLETE, True)


def test_a_stop_ends_the_wait_for_another_process(simulator: Simulator) -> None:
    end = done(ask("おすすめの漫画は？", Memory(age=0.1), stop_at=Accepted))
    assert end.state is State.STOPPED
    assert simulator.stats()["calls"] == 0


def test_a_complex_message_goes_to_the_strong_model() -> None:
    assert done(ask("二つの作品の違いを比較して")).model == SONNET


@pytest.mark.parametrize("fault", ["ThrottlingException", "AccessDeniedException", "empty"])
def test_the_fast_model_answers_when_the_strong_one_cannot(
    simulator: Simulator, fault: str
) -> None:
    simulator.fault(fault, model=SONNET)
    end = done(ask("二つの作品の違いを比較して"))
    assert (end.state, end.model) == (State.COMPLETE, HAIKU)


def test_an_answer_that_no_model_can_give_is_deferred(simulator: Simulator) -> None:
    simulator.fault("ServiceUnavailableException")
    store = Memory()
    end = done(ask("おすすめは？", store))
    assert end.state is State.DEFERRED
    assert "この会話に届きます" in end.notice
    assert store.saved == [end]


def test_a_deferred_answer_that_was_not_kept_has_failed(simulator: Simulator) -> None:
    simulator.fault("ServiceUnavailableException")
    end = done(ask("おすすめは？", Memory(("well", "raises"))))
    assert end.state is State.FAILED
    assert "もう一度お試しください" in end.notice


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        ({"fault": "cut", "at_token": 12}, State.INCOMPLETE),
        ({"fault": "silent_end", "at_token": 12}, State.INCOMPLETE),
        ({"fault": "ModelStreamErrorException", "at_token": 12}, State.INCOMPLETE),
        ({"fault": "stop_reason", "value": "max_tokens"}, State.TRUNCATED),
    ],
)
def test_what_was_shown_of_a_broken_answer_is_kept_and_never_begun_anew(
    simulator: Simulator, fault: dict[str, Any], state: State
) -> None:
    simulator.faults(fault)
    events = ask("おすすめは？")
    end = done(events)
    assert end.state is state
    assert end.text == said(events) != ""
    assert end.notice
    assert end.cost > 0
    assert simulator.stats()["calls"] == 1


def test_a_model_that_refuses_is_not_asked_again(simulator: Simulator) -> None:
    simulator.fault("stop_reason", value="refusal")
    end = done(ask("おすすめは？"))
    assert (end.state, end.text) == (
        State.REFUSED,
        "その内容にはお答えできません。漫画についてのご質問をどうぞ。",
    )
    assert simulator.stats()["calls"] == 1


def test_a_stop_keeps_what_was_written(simulator: Simulator) -> None:
    simulator.fault("hang", at_token=12)
    events = ask("おすすめは？", stop_at=Delta)
    end = done(events)
    assert end.state is State.STOPPED
    assert end.text == said(events) != ""


def test_a_stop_before_the_call_costs_nothing(simulator: Simulator) -> None:
    """Its process has no permit left until then."""
    activity.begin(WEBSOCKET.name, 1)
    with activity.permits.held():
        end = done(ask("おすすめは？", stop_at=Accepted))
    assert (end.state, end.text) == (State.STOPPED, "")
    assert end.notice
    with activity.permits.held():
        pass  # The call's thread had its turn, and has ended.
    assert simulator.stats()["calls"] == 0


def test_a_store_that_is_gone_leaves_an_answer_that_says_so() -> None:
    end = done(ask("おすすめは？", Memory(("raises", "raises"))))
    assert end.state is State.COMPLETE
    assert end.text
    assert "これまでの会話を読み込めない" in end.notice


def test_a_catalogue_that_hangs_leaves_an_answer_that_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: released.wait(30))
    end = done(ask("おすすめは？"))
    assert end.state is State.COMPLETE
    assert "カタログを確認できないまま" in end.notice


def test_twenty_long_turns_stay_within_budget_and_time(
    simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry("C1", {"titleJp": "傾かない耳", "synopsis": "静かな町の物語。" * 40})
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: Found((entry,) * 5))
    monkeypatch.setattr(trying, "COALESCING", 0.0)
    simulator.latency(first_token=0.0, per_token=0.0, per_input_token=0.00001)
    text = ("この漫画の主人公は港町で静かに暮らす職人です。" * 66)[:1_500]
    past: list[dict[str, str]] = []
    for turn in range(20):
        end = done(ask(f"{turn}{text}"[:1_500], Memory(past=Past(past, "要約。" * 100))))
        assert end.state is State.COMPLETE
        assert 0 < end.input_tokens <= MAX_INPUT_TOKENS
        past += [{"role": "user", "content": text}, {"role": "assistant", "content": text}]
    assert estimate_tokens("".join(turn["content"] for turn in past)) > 10 * MAX_INPUT_TOKENS
