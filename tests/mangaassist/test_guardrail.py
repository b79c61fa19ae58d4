"""The guardrail over the wire: in a call, in a stream, and about a text that is there already."""

from __future__ import annotations

from typing import Any

import pytest

from chat.moderation import REFUSALS
from chat.turns import State
from mangaassist import bedrock, claude, guardrail
from mangaassist.bedrock_call import Guardrail
from mangaassist.errors import Failure
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


def test_a_whole_answer_says_that_it_stepped_in() -> None:
    reply = bedrock.invoke(
        claude.HAIKU_45, "短く答えてください。", [{"role": "user", "content": "秘密の合言葉"}], 100,
        pool=DEFERRED, patience=1.0, guardrail=Guardrail("gr1", "3"),
    )  # fmt: skip
    assert reply.stop_reason == "guardrail_intervened"


def test_a_text_that_it_denies_is_blocked_afterwards() -> None:
    assert guardrail.blocks("これは秘密の合言葉です。")
    assert not guardrail.blocks("全23巻です。")


def test_without_one_nothing_is_blocked_and_nobody_asked(settings: Any) -> None:
    settings.GUARDRAIL_ID = ""
    assert not guardrail.blocks("秘密の合言葉")


def test_one_that_does_not_exist_is_a_failure(settings: Any) -> None:
    settings.GUARDRAIL_VERSION = "99"
    with pytest.raises(Failure):
        guardrail.blocks("全23巻です。")
