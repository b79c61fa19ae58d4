"""What a text costs, and what bills teach about it."""

from __future__ import annotations

import math
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mangaassist import tokens
from mangaassist.tokens import (
    HIGHEST_FACTOR,
    LOWEST_FACTOR,
    MESSAGE_OVERHEAD,
    RATES,
    SAFETY_MARGIN,
    Calibration,
    budget_tokens,
    calibration,
    estimate_message,
    estimate_prompt,
    estimate_tokens,
    head,
)

ANYTHING = st.text(
    st.characters(exclude_categories=()) | st.sampled_from("aaBB019   \n.,éあア漢鬱㈱Ａｱ가😀")
)
RUNS = re.compile(
    r"(?P<word>[A-Z]?[a-z]+|[A-Z]+(?![a-z]))|(?P<number>[0-9]+)|(?P<gap> +)|.", re.DOTALL
)


def by_run(text: str) -> int:
    """The estimate run by run, as its definition reads."""
    cents = 0
    for run in RUNS.finditer(text):
        length = len(run[0])
        if run["word"] or (run["gap"] and length > 1):
            cents += max(100, 22 * length)
        elif run["number"]:
            cents += max(100, 50 * length)
        elif not run["gap"]:
            cents += rate(run[0])
    return max(math.ceil(cents / 100), 1 if text else 0)


def rate(character: str) -> int:
    return [rate.cents for rate in RATES if re.match(f"[{rate.ranges}]", character)][-1]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("あ" * 100, 95),
        ("ア" * 100, 115),
        ("漢" * 100, 115),
        ("腕" * 100, 115),
        ("鬱" * 100, 300),
        ("﨑" * 100, 300),
        ("。" * 100, 150),
        ("！" * 100, 110),
        ("ｱ" * 100, 120),
        ("가" * 100, 140),
        ("!" * 100, 100),
        ("\n" * 100, 100),
        ("é" * 100, 200),
        ("♪" * 100, 250),
        ("𠮷" * 100, 320),
        ("🎉" * 100, 320),
        ("🇯🇵" * 100, 640),
        ("a" * 100, 22),
        ("7" * 100, 50),
        (" " * 100, 22),
        ("the cat sat on the mat", 6),
        ("a  b", 3),
        ("recommendation", 4),
        ("aBcD", 3),
        ("HTTPServer", 3),
        ("HTTPServers", 3),
        ("12 123", 3),
        ("Hi!", 2),
        (" ", 1),
        ("", 0),
    ],
)
def test_every_kind_of_character_has_its_price(text: str, tokens: int) -> None:
    assert estimate_tokens(text) == tokens


def test_a_long_text_is_counted_and_not_remembered() -> None:
    before = tokens._remembered.cache_info()
    assert estimate_tokens("あ" * (tokens.LONGEST_REMEMBERED + 1)) > tokens.LONGEST_REMEMBERED / 2
    assert tokens._remembered.cache_info() == before


def test_a_thousand_short_turns_are_not_free() -> None:
    assert sum(estimate_message("!") for _ in range(1_000)) == 1_000 * (1 + MESSAGE_OVERHEAD)


def test_a_prompt_costs_its_system_text_and_every_message() -> None:
    messages = [{"role": "user", "content": "あ" * 100}, {"role": "assistant", "content": "!"}]
    assert estimate_prompt("7" * 100, messages) == 50 + 95 + 1 + 2 * MESSAGE_OVERHEAD


@settings(deadline=None, max_examples=500)
@given(ANYTHING)
def test_the_estimate_is_that_of_its_runs(text: str) -> None:
    assert estimate_tokens(text) == by_run(text)


@settings(deadline=None, max_examples=300)
@given(ANYTHING)
def test_a_text_costs_something_and_no_more_than_its_bytes(text: str) -> None:
    size = len(text.encode(errors="surrogatepass"))
    assert min(size, 1) <= estimate_tokens(text) <= budget_tokens(text) <= size
    assert budget_tokens(text, HIGHEST_FACTOR) <= size


@settings(deadline=None, max_examples=300)
@given(ANYTHING, ANYTHING)
def test_a_longer_text_never_costs_less(text: str, more: str) -> None:
    assert estimate_tokens(text + more) >= estimate_tokens(text)


def test_a_budget_has_a_margin() -> None:
    assert budget_tokens("あ" * 1_000) == pytest.approx(950 * SAFETY_MARGIN, abs=1)


def test_a_model_that_charges_more_is_budgeted_more() -> None:
    measured, text = Calibration(), "あ" * 1_000
    for _ in range(100):
        measured.observe(1_000, 1_500)
    assert measured.factor == pytest.approx(1.5, abs=0.01)
    assert measured.tokens(text) == pytest.approx(950 * 1.5 * SAFETY_MARGIN, rel=0.01)


def test_one_strange_bill_changes_little() -> None:
    measured = Calibration()
    measured.observe(1_000, 1_000_000)
    assert measured.factor < 1.2


def test_a_short_prompt_teaches_nothing() -> None:
    measured = Calibration()
    measured.observe(0, 8)
    measured.observe(9, 40)
    assert measured.factor == 1


@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**9))))
def test_a_factor_stays_in_its_bounds(bills: list[tuple[int, int]]) -> None:
    measured = Calibration()
    for estimated, actual in bills:
        measured.observe(estimated, actual)
    assert LOWEST_FACTOR <= measured.factor <= HIGHEST_FACTOR


def test_threads_share_the_calibration_of_a_model() -> None:
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: calibration("one"), range(100)))
    assert len(set(map(id, found))) == 1
    assert calibration("one") is not calibration("two")


@pytest.mark.parametrize("tokens", [0, 1, 7, 50])
@pytest.mark.parametrize("text", ["猫" * 90, "🎉" * 40, "cat dog " * 60, "a1" * 80])
def test_the_beginning_of_a_text_is_the_longest_that_the_tokens_pay(text: str, tokens: int) -> None:
    cut = len(head(text, tokens))
    assert estimate_tokens(text[:cut]) <= tokens < estimate_tokens(text[: cut + 1])


def test_a_text_within_the_tokens_stays_whole() -> None:
    assert head("猫と犬", 100) == "猫と犬"
