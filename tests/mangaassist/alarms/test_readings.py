"""What was measured in the windows of an alarm, over all processes and dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from mangaassist import metrics
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.readings import readings
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured, Metric
from tests.mangaassist.alarms.examples import alarm

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def measured(metric: Metric, values: Iterable[float], ago: float = 5, **dimensions: str) -> None:
    """As one process writes it, so many seconds ago."""
    at = NOW - timedelta(seconds=ago)
    samples.write([Measured(metric, tuple(dimensions.items()), list(values))], at)


def errors(route: str, count: float, ago: float) -> None:
    measured(metrics.HTTP_5XX, [count], ago, Service="web", Route=route)


def read(metric: str, statistic: str, **dimensions: str) -> list[float | None]:
    series: dict[str, Any] = {"metric": metric, "statistic": statistic, "dimensions": dimensions}
    found = readings([alarm(metrics={"errors": series})], NOW)
    return [values["errors"] for values in found["errors"]]


def test_windows_come_newest_first_and_an_empty_one_is_none() -> None:
    errors("a", 3, 5)
    errors("a", 4, 125)
    assert read("Http5xx", "Sum") == [3, None, 4]


def test_the_end_of_a_window_belongs_to_it() -> None:
    for ago in (0, 60, 120, 180):
        errors("a", 1, ago)
    assert read("Http5xx", "Sum") == [1, 1, 1]


def test_dimensions_that_are_not_named_are_added_up() -> None:
    for language, reason, count in (("ja", "a", 1), ("ja", "b", 2), ("en", "a", 4)):
        measured(metrics.HTTP_400, [count], preferredLanguage=language, Reason=reason)
    assert read("Http400", "Sum")[0] == 7
    assert read("Http400", "Sum", preferredLanguage="ja")[0] == 3
    assert read("Http400", "Sum", preferredLanguage="ja", Reason="b")[0] == 2
    assert read("Http400", "Sum", preferredLanguage="fr")[0] is None


@pytest.mark.parametrize(
    ("statistic", "value"), [("Maximum", 9.0), ("Minimum", 1.0), ("Average", 5.0)]
)
def test_a_gauge_has_extremes_and_an_average(statistic: str, value: float) -> None:
    for ago, depth in ((5, 9.0), (15, 1.0)):
        measured(metrics.QUEUE_VISIBLE, [depth], ago, Queue="q")
    assert read("QueueVisible", statistic, Queue="q")[0] == value


def test_a_percentile_is_of_all_processes() -> None:
    measured(metrics.INVOCATION_LATENCY, [100.0] * 90, ModelId="m", Pool="a")
    measured(metrics.INVOCATION_LATENCY, [20_000.0] * 10, ModelId="m", Pool="b")
    measured(metrics.INVOCATION_LATENCY, [90_000.0] * 99, ModelId="n", Pool="b")
    assert read("InvocationLatency", "p95", ModelId="m")[0] == pytest.approx(20_000, rel=0.05)
    assert read("InvocationLatency", "SampleCount", ModelId="m")[0] == 100


def test_all_alarms_are_read_in_a_few_queries(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    periods = {alarm.period for alarm in defined().values()}
    with django_assert_num_queries(len(periods) + 1):  # one more for the percentiles
        assert readings(defined().values(), NOW).keys() == defined().keys()
