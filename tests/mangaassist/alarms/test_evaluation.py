"""What an alarm says, from the values of its last windows."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.alarms.definitions import Missing, State
from mangaassist.alarms.evaluation import decide, value
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import REASON
from tests.mangaassist.alarms.examples import alarm

OK, ALARM, UNKNOWN = State.OK, State.ALARM, State.INSUFFICIENT_DATA
Window = float | None

windows = st.lists(st.none() | st.integers(0, 20).map(float), min_size=3, max_size=3)
states = st.sampled_from(State)


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ([11, 11, 0], ALARM),
        ([0, 11, 11], ALARM),
        ([11, 0, 11], ALARM),
        ([11, 0, 0], OK),
        ([10, 10, 10], OK),
        ([11, None, 11], ALARM),
        ([0, None, None], OK),
    ],
)
def test_two_of_three_windows_must_breach(values: Sequence[Window], state: State) -> None:
    assert decide(alarm(), OK, values).state is state


@pytest.mark.parametrize("before", State)
def test_one_breach_beside_silence_changes_nothing(before: State) -> None:
    assert decide(alarm(), before, [11, None, None]).state is before


@pytest.mark.parametrize(
    ("missing", "before", "state"),
    [
        ("missing", OK, UNKNOWN),
        ("missing", ALARM, UNKNOWN),
        ("ignore", OK, OK),
        ("ignore", ALARM, ALARM),
        ("breaching", OK, ALARM),
        ("notBreaching", ALARM, OK),
        ("notBreaching", UNKNOWN, OK),
    ],
)
def test_silence_means_what_the_alarm_says(missing: str, before: State, state: State) -> None:
    assert decide(alarm(missing=missing), before, [None] * 3).state is state


@pytest.mark.parametrize(("watched", "state"), [(0, UNKNOWN), (1, UNKNOWN), (2, ALARM), (3, ALARM)])
def test_silence_before_anybody_looked_is_no_breach(watched: int, state: State) -> None:
    assert decide(alarm(missing="breaching"), UNKNOWN, [None] * 3, watched).state is state


def test_a_first_good_value_is_enough_to_be_well() -> None:
    assert decide(alarm(), UNKNOWN, [0, None, None]).state is OK


@pytest.mark.parametrize(
    ("before", "state"), [(OK, OK), (UNKNOWN, OK), (ALARM, ALARM)], ids=["ok", "unknown", "alarm"]
)
def test_an_alarm_that_rings_ends_only_beyond_its_clear_threshold(
    before: State, state: State
) -> None:
    assert decide(alarm(clear=5), before, [8, 8, 8]).state is state


def test_an_alarm_may_ring_below_its_threshold() -> None:
    low = alarm(comparison="<", threshold=0.5, clear=0.7)
    assert decide(low, OK, [0.4, 0.4, 1]).state is ALARM
    assert decide(low, ALARM, [0.6, 0.6, 0.6]).state is ALARM
    assert decide(low, ALARM, [0.8, 0.7, 0.6]).state is OK


def test_a_verdict_has_the_newest_value_and_says_why() -> None:
    verdict = decide(alarm(), OK, [None, 12.5, 11])
    assert verdict.value == 12.5
    assert REASON.text("en", verdict.figures) == (
        "2 of 3 windows of 60 s > 10 (rings at 2), newest first: - 12.5 11"
    )  # fmt: skip
    assert REASON.text("ja", verdict.figures) == (
        "60秒の窓3個のうち2個が > 10（2個で鳴ります）、新しい順: - 12.5 11"
    )


def test_the_value_goes_through_the_steps() -> None:
    found = alarm(steps={"twice": "errors * 2"}, expression="twice + FILL(errors, 1)")
    assert value(found, {"errors": 3.0}) == 9
    assert value(found, {"errors": None}) is None


@pytest.mark.parametrize(
    ("requests", "refused", "all_requests", "all_refused", "rate"),
    [
        (200, 6, 200, 6, 3),
        (300, 6, 300, 6, 0),
        (100, 4, 100, 4, 0),
        (49, 49, 49, 49, 0),
        (500, 5, 5_000, 5, 1),
        (500, 5, 1_500, 5, 0),
        (100, None, 300, 1, 0),
        (None, None, None, None, 0),
    ],
)
def test_japanese_refusals_are_compared_with_two_percent_and_with_everybody(
    requests: float, refused: float, all_requests: float, all_refused: float, rate: float
) -> None:
    counts = {
        "requests": requests,
        "refused": refused,
        "all_requests": all_requests,
        "all_refused": all_refused,
    }
    assert value(defined()["refusals-ja"], counts) == rate


@given(windows, states)
def test_what_was_decided_stays_decided(values: list[Window], before: State) -> None:
    once = decide(alarm(clear=5), before, values).state
    assert decide(alarm(clear=5), once, values).state in {once, ALARM}


@given(windows, states, st.sampled_from(Missing))
def test_more_breaches_never_end_an_alarm(
    values: list[Window], before: State, missing: Missing
) -> None:
    watched = alarm(missing=missing.value)
    if decide(watched, before, values).state is ALARM:
        for at in range(len(values)):
            worse = [*values[:at], 20.0, *values[at + 1 :]]
            assert decide(watched, before, worse).state is ALARM


@given(windows, states)
def test_hysteresis_only_prolongs(values: list[Window], before: State) -> None:
    if decide(alarm(), before, values).state is ALARM:
        assert decide(alarm(clear=5), before, values).state is ALARM
