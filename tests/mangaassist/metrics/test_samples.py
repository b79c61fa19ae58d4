"""Measurements of several processes, written to the database and read in windows of time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from mangaassist.metrics import samples
from mangaassist.metrics.registry import Kind, Measured, Metric
from mangaassist.metrics.samples import Windows
from mangaassist.models import MetricSample, MetricTotal

END = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)
CALLS = Metric("Calls", Kind.COUNTER, "Count", "Calls.", ("Pool",))
TIMES = Metric("Times", Kind.DISTRIBUTION, "Milliseconds", "Times.", ("Pool",))
DEPTH = Metric("Depth", Kind.GAUGE, "Count", "Depth.", ("Pool",))
POOL = {"Pool": "enrichment"}

pytestmark = pytest.mark.django_db


def write(metric: Metric, values: list[float], before: float) -> None:
    """As a process does that measured so many seconds before the end."""
    at = END - timedelta(seconds=before)
    samples.write([Measured(metric, tuple(POOL.items()), values)], at)


def series(metric: Metric, count: int = 2) -> list[samples.Aggregate | None]:
    windows = Windows(END, 60, count)
    found = samples.read([metric.name], windows.begin, windows.end)
    return samples.series(found.get((metric.name, samples.text(POOL)), []), windows)


def test_counts_of_all_processes_add_up_within_a_window() -> None:
    for before in (10, 50, 70):
        write(CALLS, [3], before)
    older, newer = series(CALLS)
    assert older is not None
    assert newer is not None
    assert (older.total, newer.total) == (3, 6)


def test_a_window_in_which_nobody_measured_is_none() -> None:
    write(CALLS, [3], 70)
    assert [found is None for found in series(CALLS, 3)] == [True, False, True]


def test_the_end_of_a_window_belongs_to_it_and_its_begin_to_the_one_before() -> None:
    for before in (0, 60, 120):
        write(CALLS, [1], before)
    assert [found and found.total for found in series(CALLS)] == [1, 1]


def test_a_gauge_has_its_extremes_its_average_and_its_latest_value() -> None:
    for before, value in ((30, 9.0), (20, 1.0), (10, 2.0)):
        write(DEPTH, [value], before)
    (found,) = series(DEPTH, 1)
    assert found is not None
    assert (found.low, found.high, found.average, found.latest) == (1, 9, 4, 2)


def test_percentiles_are_of_all_values_of_all_processes() -> None:
    write(TIMES, [100.0] * 90, 30)
    write(TIMES, [1_000.0] * 10, 10)
    (found,) = series(TIMES, 1)
    assert found is not None
    assert found.percentile(90) == pytest.approx(100, rel=0.05)
    assert found.percentile(95) == pytest.approx(1_000, rel=0.05)


def test_totals_grow_for_ever_and_gauges_have_none() -> None:
    write(CALLS, [3], 200_000)
    write(CALLS, [4], 10)
    write(TIMES, [1.5, 2.5], 10)
    write(DEPTH, [9], 10)
    rows = MetricTotal.objects.order_by("name").values_list("name", "count", "total")
    assert list(rows) == [("Calls", 2, 7.0), ("Times", 2, 4.0)]


def test_the_latest_value_of_a_gauge_is_the_last_one_measured_after_an_instant() -> None:
    write(DEPTH, [9], 10)
    write(DEPTH, [8], 20)
    assert samples.latest("Depth", POOL, END - timedelta(seconds=60)) == 9
    assert samples.latest("Depth", POOL, END) is None


def test_old_samples_are_forgotten() -> None:
    now = datetime.now(UTC)
    for at in (now, now - samples.KEPT_FOR - timedelta(minutes=1)):
        samples.write([Measured(DEPTH, tuple(POOL.items()), [1])], at)
    assert samples.forget() == 1
    assert MetricSample.objects.get().at == now
