"""What a process remembers of its measurements until they are taken."""

from __future__ import annotations

import json

import pytest

from mangaassist import metrics
from mangaassist.metrics.registry import Kind, Metric, registry

CALLS = Metric("Calls", Kind.COUNTER, "Count", "Calls.", ("Pool", "Code"))
DEPTH = Metric("Depth", Kind.GAUGE, "Count", "Depth.")
TIMES = Metric("Times", Kind.DISTRIBUTION, "Milliseconds", "Times.", ("Pool",))


@pytest.fixture(autouse=True)
def nothing_recorded() -> None:
    registry.take()


def taken() -> dict[tuple[str, tuple[tuple[str, str], ...]], list[float]]:
    return {(one.metric.name, one.dimensions): one.values for one in registry.take()}


def test_counters_add_up_for_the_same_dimensions() -> None:
    CALLS.record(Pool="a", Code="x")
    CALLS.record(2, Code="x", Pool="a")
    CALLS.record(Pool="b", Code="x")
    assert taken() == {
        ("Calls", (("Pool", "a"), ("Code", "x"))): [3],
        ("Calls", (("Pool", "b"), ("Code", "x"))): [1],
    }


def test_of_a_gauge_the_latest_value_counts() -> None:
    DEPTH.record(5)
    DEPTH.record(4)
    assert taken() == {("Depth", ()): [4]}


def test_of_a_distribution_every_value_counts() -> None:
    for value in (3, 1, 3):
        TIMES.record(value, Pool="a")
    assert taken() == {("Times", (("Pool", "a"),)): [3, 1, 3]}


def test_a_yes_is_kept_as_a_number_since_cloudwatch_takes_no_other() -> None:
    DEPTH.record(True)
    [value] = taken()["Depth", ()]
    assert json.dumps(value) == "1.0"


def test_what_was_taken_is_forgotten() -> None:
    DEPTH.record(5)
    registry.take()
    assert taken() == {}


def test_a_wrong_dimension_is_an_error_where_it_is_recorded() -> None:
    with pytest.raises(KeyError):
        CALLS.record(Pool="a", Queue="x")
    with pytest.raises(ValueError, match="Calls has the dimensions"):
        CALLS.record(Pool="a")


def test_every_metric_is_defined_once_by_its_name() -> None:
    assert {name: metric.name for name, metric in metrics.DEFINED.items()} == {
        name: name for name in metrics.DEFINED
    }
