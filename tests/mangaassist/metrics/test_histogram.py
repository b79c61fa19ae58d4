"""Percentiles from a handful of numbers, beside the exact ones."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mangaassist.metrics import histogram

values = st.lists(st.floats(0.002, 1e7), min_size=1, max_size=200)


@given(values, st.sampled_from([1, 50, 95, 99, 100]))
def test_a_percentile_is_right_to_five_percent(values: list[float], percent: int) -> None:
    exact = sorted(values)[math.ceil(percent / 100 * len(values)) - 1]
    assert histogram.percentile(histogram.buckets(values), percent) == pytest.approx(
        exact, rel=0.051
    )


@given(values, values)
def test_parts_merge_to_what_the_whole_would_be(left: list[float], right: list[float]) -> None:
    parts = (histogram.buckets(left), histogram.buckets(right))
    assert histogram.merged(parts) == histogram.buckets(left + right)


def test_nothing_and_less_are_in_the_first_bucket() -> None:
    assert histogram.buckets([0.0, -1.0]) == {"0": 2}
    assert histogram.percentile({"0": 2}, 95) == 0.0


def test_no_value_has_no_percentile() -> None:
    with pytest.raises(ValueError, match="no percentile"):
        histogram.percentile({}, 95)
