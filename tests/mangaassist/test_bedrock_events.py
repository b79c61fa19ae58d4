"""The events of a stream add up to a text, a bill and a reason."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.bedrock_events import Assembly
from mangaassist.errors import Temporary

START = {"type": "message_start", "message": {"usage": {"input_tokens": 12, "output_tokens": 1}}}
WORDS = {"type": "content_block_delta", "delta": {"type": "text_delta", "text": "ねこ"}}
END = {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 5}}
STOP = {"type": "message_stop"}


def assembled(*events: dict[str, Any]) -> tuple[Assembly, str]:
    answer = Assembly()
    return answer, "".join(answer.take(json.dumps(event).encode()) for event in events)


def test_a_whole_answer_is_counted_as_the_model_counts() -> None:
    answer, text = assembled(START, WORDS, WORDS, END, STOP)
    assert text == "ねこねこ"
    assert (answer.input_tokens, answer.output_tokens) == (12, 5)
    assert (answer.stop_reason, answer.complete) == ("end_turn", True)


def test_an_answer_that_broke_off_is_counted_by_the_estimate() -> None:
    answer, _ = assembled(START, WORDS, WORDS)
    assert (answer.output_tokens, answer.complete) == (4, False)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "ping"},
        {"type": "content_block_delta", "delta": {"type": "thinking_delta", "thinking": "…"}},
        {"type": "of tomorrow", "delta": 3},
    ],
)
def test_unknown_events_are_passed_over(event: dict[str, Any]) -> None:
    assert assembled(START, event, WORDS)[1] == "ねこ"


def test_a_guardrail_that_steps_in_is_the_reason_of_the_end() -> None:
    marked = {**STOP, "amazon-bedrock-guardrailAction": "INTERVENED"}
    assert assembled(START, WORDS, END, marked)[0].stop_reason == "guardrail_intervened"


@given(st.binary(max_size=50) | st.recursive(
    st.none() | st.integers() | st.sampled_from(["message_start", "message_delta", "text"]),
    lambda parts: st.lists(parts, max_size=3) | st.dictionaries(
        st.sampled_from(["type", "delta", "usage", "message", "text"]), parts, max_size=4
    ),
).map(lambda event: json.dumps(event).encode()))  # fmt: skip
def test_whatever_comes_is_an_event_or_a_classified_failure(data: bytes) -> None:
    try:
        assert isinstance(Assembly().take(data), str)
    except Temporary as failure:
        assert failure.code == "malformed_response"
