"""What a process measured reaches its output and the database, also at its end."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
import structlog
from django.db import connection

from mangaassist import metrics
from mangaassist.metrics.registry import registry
from mangaassist.metrics.reporter import Reporter, flush
from mangaassist.models import MetricSample

AT = datetime(2026, 11, 25, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def nothing_recorded() -> None:
    registry.take()


@pytest.mark.django_db
def test_a_flush_prints_a_line_and_writes_a_sample(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.KEEPERS.record(2)
    flush(AT)
    assert json.loads(capsys.readouterr().out)["Keepers"] == 2
    sample = MetricSample.objects.get()
    assert (sample.name, sample.dimensions, sample.at, sample.total) == ("Keepers", "{}", AT, 2)


@pytest.mark.django_db
def test_what_was_reported_is_not_reported_again(capsys: pytest.CaptureFixture[str]) -> None:
    metrics.KEEPERS.record(2)
    flush(AT)
    flush(AT)
    assert capsys.readouterr().out.count("Keepers") == 2  # once as a definition, once as a value


@pytest.mark.django_db(transaction=True)
def test_a_database_that_takes_nothing_is_logged_and_the_line_is_printed_all_the_same(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET default_transaction_read_only = on")
        metrics.KEEPERS.record(2)
        with structlog.testing.capture_logs() as logs:
            flush(AT)
        cursor.execute("RESET default_transaction_read_only")
    assert [line["event"] for line in logs] == ["samples_lost"]
    assert "Keepers" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_a_process_that_ends_reports_what_is_left(capsys: pytest.CaptureFixture[str]) -> None:
    reporter = Reporter()
    reporter.start()
    metrics.KEEPERS.record(2)
    reporter.stop()
    assert MetricSample.objects.get().total == 2
