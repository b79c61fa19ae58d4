"""What a job will cost, as a range."""

from __future__ import annotations

import pytest

from enrichment.estimate import (
    LEAST_OBSERVED,
    Observed,
    Range,
    calls_per_item,
    cost,
    input_tokens,
    output_tokens,
)
from mangaassist import claude
from mangaassist.tokens import SAFETY_MARGIN

NOTHING = Observed([], [])
ONCE = Range(1, 1, 1)
OUTLIER = Observed([100] * 19 + [3_000], [1] * 20)
MANY = Observed(list(range(100, 300)), [1] * 190 + [2] * 10)


def test_without_experience_the_longest_answer_is_the_limit() -> None:
    assert calls_per_item(NOTHING) == Range(1, 1, 2)
    assert output_tokens(NOTHING, 400, calls_per_item(NOTHING)) == Range(100, 200, 800)


def test_too_little_experience_counts_as_none() -> None:
    few = Observed([7] * (LEAST_OBSERVED - 1), [1] * (LEAST_OBSERVED - 1))
    assert calls_per_item(few) == calls_per_item(NOTHING)
    assert output_tokens(few, 400, ONCE) == output_tokens(NOTHING, 400, ONCE)


def test_experience_gives_what_answers_were_long() -> None:
    found = output_tokens(MANY, 4_000, ONCE)
    assert found.expected == pytest.approx(199.5)
    assert 100 < found.low < 125
    assert 275 < found.high < 300


def test_repairs_cost_what_they_cost_until_now() -> None:
    assert calls_per_item(MANY) == Range(1, 1.05, 2)


def test_prompts_are_read_once_for_each_call() -> None:
    found = input_tokens([100, 300], Range(1, 1.5, 2))
    assert found.low == pytest.approx(200 / SAFETY_MARGIN)
    assert found.expected == pytest.approx(300)
    assert found.high == pytest.approx(400 * SAFETY_MARGIN)


def test_the_cost_is_that_of_the_model() -> None:
    haiku = claude.find(claude.HAIKU_45)
    tokens = Range(10**6, 2 * 10**6, 3 * 10**6)
    assert cost(haiku, tokens, tokens) == Range(6, 12, 18)


@pytest.mark.parametrize("observed", [NOTHING, MANY, OUTLIER])
def test_low_is_below_expected_is_below_high(observed: Observed) -> None:
    calls = calls_per_item(observed)
    for found in (calls, output_tokens(observed, 500, calls), input_tokens([900.0], calls)):
        assert found.low <= found.expected <= found.high
