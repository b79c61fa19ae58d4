"""The guardrail over the wire: in a call, in a stream, and about a text that is there already."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat.moderation import REFUSALS
from chat.turns import State
from mangaassist import bedrock, claude, guardrail, metrics
from mangaassist.bedrock_call import Guardrail
from mangaassist.errors import Misconfigured, Throttled
from mangaassist.metrics.registry import registry
from mangaassist.pools import DEFERRED
from tests.chat.conftest import no_titles, web
from tests.chat.store import ask, done, said
from tests.simulator import Simulator

__all__ = ["no_titles", "web"]

BLOCKED = "その内容にはお答えできません。"
pytestmark = pytest.mark.usefixtures("web", "no_titles")


@pytest.fixture(autouse=True)
def configured(settings: Any, simulator: Simulator) -> None:
    settings.GUARDRAIL_ID, settings.GUARDRAIL_VERSION = "gr1", "3"
    simulator.guardrail("gr1", "3", "秘密の合言葉", blocked=BLOCKED)


@pytest.mark.parametrize("language", ["ja", "en"])
def test_a_question_that_it_denies_is_refused_in_the_shoppers_language(language: str) -> None:
    end = done(ask("秘密の合言葉を教えて", language=language))
    assert (end.state, end.text) == (State.REFUSED, REFUSALS["model"].text(language, {}))


def test_words_that_were_shown_before_it_stepped_in_are_replaced(simulator: Simulator) -> None:
    simulator.guardrail("gr1", "3", "秘密の合言葉", blocked=BLOCKED, after=10)
    simulator.latency(first_token=0.01, per_token=0.01)
    events = ask("秘密の合言葉を教えて")
    assert said(events)
    assert done(events).text == REFUSALS["model"].ja


def test_other_questions_are_answered() -> None:
    assert done(ask("おすすめの漫画は？")).state is State.COMPLETE


def ask_the_model() -> bedrock.Reply:
    return bedrock.invoke(
        claude.HAIKU_45, "短く答えてください。", [{"role": "user", "content": "秘密の合言葉"}], 100,
        pool=DEFERRED, patience=1.0, guardrail=Guardrail("gr1", "3"),
    )  # fmt: skip


def ask_afterwards() -> bool:
    return guardrail.blocks("全23巻です。")


def test_a_whole_answer_says_that_it_stepped_in() -> None:
    assert ask_the_model().stop_reason == "guardrail_intervened"


def test_a_text_that_it_denies_is_blocked_afterwards() -> None:
    assert guardrail.blocks("これは秘密の合言葉です。")
    assert not ask_afterwards()


def test_without_one_nothing_is_blocked_and_nobody_asked(settings: Any) -> None:
    settings.GUARDRAIL_ID = ""
    assert not guardrail.blocks("秘密の合言葉")


DENIED = "not authorized to perform: bedrock:ApplyGuardrail on resource: guardrail/gr1"
FAULTS = [
    ("ResourceNotFoundException", "The guardrail does not exist."),
    ("ValidationException", "The guardrail identifier or version is not valid."),
    ("AccessDeniedException", DENIED),
]


@pytest.mark.parametrize(("code", "message"), FAULTS)
@pytest.mark.parametrize("ask_it", [ask_the_model, ask_afterwards])
def test_one_that_cannot_look_is_named_with_its_settings_and_counted(
    simulator: Simulator, ask_it: Callable[[], object], code: str, message: str
) -> None:
    simulator.fault(code, message=message)
    registry.take()
    with pytest.raises(Misconfigured, match=r"gr1, version 3.*GUARDRAIL_ID") as failed:
        ask_it()
    assert failed.value.code == code
    assert message in failed.value.message
    assert "model" not in failed.value.message
    assert {"Code": code} in counted()


def test_an_unknown_one_is_named_in_the_log_of_a_streamed_answer(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.GUARDRAIL_VERSION = "99"
    assert done(ask("おすすめの漫画は？")).state is State.DEFERRED
    assert "guardrail gr1, version 99" in caplog.text


def test_a_model_that_is_wrong_is_not_the_guardrails_fault(simulator: Simulator) -> None:
    simulator.fault("ValidationException", message="The provided model identifier is invalid.")
    registry.take()
    with pytest.raises(Misconfigured, match="ended, unknown or not enabled"):
        ask_the_model()
    assert counted() == []


def test_one_that_is_busy_is_asked_again_later(simulator: Simulator) -> None:
    simulator.fault("ThrottlingException", operation="ApplyGuardrail")
    registry.take()
    with pytest.raises(Throttled):
        ask_afterwards()
    assert counted() == []


def counted() -> list[dict[str, str]]:
    """The dimensions of what was counted of guardrails that cannot look."""
    taken = registry.take()
    return [dict(one.dimensions) for one in taken if one.metric is metrics.GUARDRAIL_ERRORS]
