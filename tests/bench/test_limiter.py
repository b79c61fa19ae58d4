from __future__ import annotations

import pytest

from bench._figures import percentile
from bench.limiter import LIMITS, Window, broken, waits_of

GOOD = {key: least if least is not None else most or 0.0 for key, (least, most) in LIMITS.items()}


def window(**counts: int) -> Window:
    return Window(
        30.0, {"calls": 500, "throttled": 0, "input_tokens": 0, "output_tokens": 0} | counts
    )


def test_the_quota_that_binds_is_the_one_that_is_used() -> None:
    assert window().utilisation() == pytest.approx(1.0)
    assert window(input_tokens=100_000, output_tokens=13_000).utilisation() == pytest.approx(1.1)


def test_half_the_quota_is_used_twice_as_fast() -> None:
    assert window().utilisation(0.5) == pytest.approx(2.0)


def test_a_throttled_call_uses_nothing() -> None:
    assert window(throttled=100).utilisation() == pytest.approx(0.8)
    assert window(throttled=100).throttled() == 0.2


def test_a_refused_visitor_has_waited_for_all_the_patience() -> None:
    assert waits_of({"LimiterWait": [1.0, 2.0], "LimiterRefusals": [2.0]}) == [1, 2, 300, 300]


def test_limits_that_hold_are_not_broken() -> None:
    assert broken(GOOD) == []


@pytest.mark.parametrize("key", LIMITS)
def test_a_limit_is_broken_from_its_side(key: str) -> None:
    worse = 0.9 if LIMITS[key][0] is not None else 1.1
    assert broken(GOOD | {key: GOOD[key] * worse}) == [key]


def test_a_percentile_is_a_value_that_was_measured() -> None:
    assert [percentile([3.0, 1.0, 2.0, 4.0], share) for share in (0.0, 0.5, 0.95)] == [1, 2, 4]
    with pytest.raises(ValueError, match="Nothing"):
        percentile([], 0.5)
