from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bench.alarms import PROCESSES, best, samples
from mangaassist.alarms.parsing import defined
from mangaassist.models import AlarmState, MetricSample

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)


def test_everything_that_an_alarm_looks_at_is_measured() -> None:
    looked_at = {series.metric for alarm in defined().values() for _, series in alarm.metrics}
    assert {sample.name for sample in samples(NOW, timedelta(seconds=10))} == looked_at


def test_only_costs_are_measured_all_day() -> None:
    early = [
        one for one in samples(NOW, timedelta(minutes=11)) if NOW - one.at > timedelta(minutes=10)
    ]
    assert {sample.name for sample in early} == {"CostUSD"}
    assert len(early) == 5 * PROCESSES


@pytest.mark.django_db
def test_an_evaluation_finds_what_was_measured() -> None:
    MetricSample.objects.bulk_create(samples(NOW, timedelta(minutes=1)))
    assert best(NOW, timedelta(seconds=1)) > 0
    assert AlarmState.objects.get(name="keeper-silent").value is not None
