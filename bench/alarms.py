"""How long one evaluation of all alarms takes, with a day of a busy system's measurements."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import django
from django.db import connection

from bench._deployment import deployment

if TYPE_CHECKING:
    from mangaassist.models import MetricSample

PROCESSES, KEEPERS = 20, 2  # only keepers measure gauges and duties
EVERY = 10  # seconds between the samples of one process
RECENT = timedelta(minutes=10)  # all metrics; before that, only what a day is summed of
FULL, QUICK = timedelta(hours=24), timedelta(minutes=20)
EVALUATIONS = 10
LIMIT_MS = 200.0
WORK_OUT_A_DAY = timedelta(minutes=5)

Figures = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(prog="scripts/bench alarms", description=__doc__)
    parser.add_argument("--quick", action="store_true", help=f"{QUICK} of samples, not {FULL}")
    parser.add_argument("--json", action="store_true", help="end with one JSON object")
    arguments = parser.parse_args()
    with deployment() as deployed:
        os.environ.update(deployed.environment(), DJANGO_SETTINGS_MODULE="mangaassist.settings")
        os.environ["LOG_LEVEL"] = "CRITICAL"  # Alarms do ring here.
        django.setup()
        figures = measure(QUICK if arguments.quick else FULL)
        connection.close()
    print(f"samples        {figures['samples']:9,.0f} of {PROCESSES} processes")
    for name in ("evaluation_ms", "with_day_ms"):
        ratio = figures[name] / LIMIT_MS
        print(f"{name:<14} {figures[name]:9.1f} ms, {ratio:.2f} of the limit of {LIMIT_MS:.0f} ms")
    if arguments.json:
        print(json.dumps(figures))
    sys.exit(0 if arguments.quick or figures["evaluation_ms"] < LIMIT_MS else 1)


def measure(history: timedelta) -> Figures:
    """The best of several times; with_day_ms: of evaluations in which a day is summed."""
    from mangaassist.models import MetricSample

    now = datetime.now(UTC)
    MetricSample.objects.bulk_create(samples(now, history), batch_size=5_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    evaluation(now)  # makes the alarms' rows
    return {
        "samples": MetricSample.objects.count(),
        "evaluation_ms": best(now, timedelta(seconds=1)),
        "with_day_ms": best(now, WORK_OUT_A_DAY),
    }


def best(now: datetime, step: timedelta) -> float:
    return min(evaluation(now + step * number) for number in range(1, EVALUATIONS))


def evaluation(now: datetime) -> float:
    """Milliseconds."""
    from mangaassist.alarms.duty import evaluate

    begun = time.perf_counter()
    evaluate(now)
    return 1_000 * (time.perf_counter() - begun)


def samples(now: datetime, history: timedelta) -> Iterator[MetricSample]:
    """Of everything that an alarm looks at; of the day before only the costs."""
    from mangaassist.alarms.parsing import defined
    from mangaassist.metrics import DEFINED
    from mangaassist.metrics.registry import Kind
    from mangaassist.models import MetricSample

    buckets = {str(number): 5 for number in range(100, 120)}
    series = {series for alarm in defined().values() for _, series in alarm.metrics}
    for ago in range(0, int(history.total_seconds()), EVERY):
        for one in series:
            metric = DEFINED[one.metric]
            if ago > RECENT.total_seconds() and metric.name != "CostUSD":
                continue
            dimensions = dict.fromkeys(metric.dimensions, "other") | dict(one.dimensions)
            kept = metric.kind is Kind.GAUGE or "Duty" in metric.dimensions
            for _ in range(KEEPERS if kept else PROCESSES):
                yield MetricSample(
                    name=metric.name, dimensions=json.dumps(dimensions),
                    at=now - timedelta(seconds=ago), count=1, total=1e-4, low=0, high=0,
                    buckets=buckets if metric.kind is Kind.DISTRIBUTION else None,
                )  # fmt: skip


if __name__ == "__main__":
    main()
