from __future__ import annotations

import pytest

from bench._history import Life, sendings
from bench.backpressure import broken

PERMITS = 25  # of which the least window is 60
FINE = {
    "max_outstanding": 375, "window": 375, "violations": 0, "max_age_s": 125.0,
    "hour_max_age_s": 120.0, "hour_violations": 0, "flooded_ratio": 0.97, "flood_left": 5,
}  # fmt: skip


def test_sends_within_the_window_are_none_too_many() -> None:
    lives = [Life(0.0, 2.0)] * 60 + [Life(3.0, None)] * 120
    first, second = sendings(lives, PERMITS)
    assert (first.outstanding, first.window, first.too_many) == (60, 60, False)
    assert (second.outstanding, second.window, second.too_many) == (120, 120, False)


def test_one_item_more_is_too_many() -> None:
    assert [send.too_many for send in sendings([Life(0.0, None)] * 61, PERMITS)] == [True]


def test_what_ended_more_than_a_minute_ago_gives_no_credit() -> None:
    lives = [Life(0.0, 2.0)] * 60 + [Life(64.0, None)] * 61
    assert [send.too_many for send in sendings(lives, PERMITS)] == [False, True]


def test_a_run_within_its_limits_is_not_broken() -> None:
    assert not broken(FINE, quick=False)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("max_outstanding", 376), ("violations", 1), ("max_age_s", 160.1),
        ("hour_max_age_s", 161.0), ("hour_violations", 1), ("flooded_ratio", 0.94),
        ("flood_left", 0),
    ],
)  # fmt: skip
def test_a_run_beyond_a_limit_is_broken(key: str, value: float) -> None:
    assert broken(FINE | {key: value}, quick=False)


def test_a_quick_run_is_too_rough_to_judge_the_flood_by() -> None:
    assert not broken(FINE | {"flooded_ratio": 0.94, "flood_left": 0}, quick=True)
