"""One evaluation of all alarms: rows, events, logs, and several processes at once."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from mangaassist import gauges, metrics
from mangaassist.alarms.definitions import State
from mangaassist.alarms.duty import evaluate
from mangaassist.alarms.history import forget_alarms
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import reason
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured, Metric, registry
from mangaassist.metrics.reporter import flush
from mangaassist.models import AlarmEvent, AlarmState, PoolState
from tests.mangaassist.conftest import Account

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
QUARANTINED = "quarantined:enrichment"

pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def measured(metric: Metric, value: float, when: datetime, **dimensions: str) -> None:
    samples.write([Measured(metric, tuple(dimensions.items()), [value])], when)


def quarantine(when: datetime) -> None:
    measured(metrics.QUARANTINES, 1, when, Pool="enrichment")


def state(name: str) -> str:
    return AlarmState.objects.get(name=name).state


def tick(when: datetime) -> None:
    measured(metrics.DUTY_TICKS, 12, when, Duty="mangaassist.presence.beat_of_keeper")


def test_every_alarm_has_a_row_after_the_first_evaluation() -> None:
    evaluate(NOW)
    assert set(AlarmState.objects.values_list("name", flat=True)) == set(defined())


def test_a_change_is_a_row_an_event_and_a_log(caplog: pytest.LogCaptureFixture) -> None:
    evaluate(NOW)
    quarantine(at(5))
    assert evaluate(at(10)) == 1
    row = AlarmState.objects.get(name=QUARANTINED)
    assert (row.state, row.since, row.value) == (State.ALARM, at(10), 1)
    event = AlarmEvent.objects.filter(alarm=QUARANTINED).latest("pk")
    assert (event.before, event.state, event.at) == (State.OK, State.ALARM, at(10))
    assert (event.value, event.threshold, event.cause) == (1, 0, "")
    assert event.reason.startswith("1 of 1 windows of 300 s > 0")
    assert reason(event, "en") == event.reason
    assert reason(event, "ja").startswith("300秒の窓1個のうち1個が > 0")
    [told] = [record for record in caplog.records if QUARANTINED in record.getMessage()][-1:]
    assert told.levelname == "WARNING"


def test_an_alarm_goes_back_when_its_windows_are_well() -> None:
    evaluate(NOW)
    quarantine(at(5))
    evaluate(at(10))
    evaluate(at(80))
    assert state(QUARANTINED) == State.ALARM
    for seconds in range(150, 311, 80):
        evaluate(at(seconds))
    assert state(QUARANTINED) == State.OK


def test_nothing_changes_without_a_change() -> None:
    evaluate(NOW)
    events = AlarmEvent.objects.count()
    assert evaluate(at(10)) == 0
    assert AlarmEvent.objects.count() == events


def test_the_value_of_an_alarm_is_kept_while_all_is_well() -> None:
    measured(metrics.OLDEST_MESSAGE_AGE, 7.5, NOW, Queue="manga-enrichment-queue.fifo")
    evaluate(NOW)
    assert AlarmState.objects.get(name="queue-age:manga-enrichment-queue.fifo").value == 7.5


def test_a_blocked_pool_is_named_with_what_is_missing() -> None:
    PoolState.objects.create(
        pool="enrichment", blocked_at=NOW, code="AccessDeniedException",
        message="dynamodb:UpdateItem on table manga-catalog is denied.",
    )  # fmt: skip
    measured(metrics.POOL_BLOCKED, 1, NOW, Pool="enrichment")
    evaluate(NOW)
    event = AlarmEvent.objects.get(alarm="pool-blocked:enrichment", state=State.ALARM)
    assert event.cause == (
        "enrichment: AccessDeniedException: dynamodb:UpdateItem on table manga-catalog is denied."
    )


def test_a_new_system_does_not_ring() -> None:
    for seconds in (0, 10, 20, 30):
        evaluate(at(seconds))
    assert not AlarmState.objects.filter(state=State.ALARM).exists()


def test_of_an_idle_system_every_alarm_knows_that_all_is_well(provisioned: Account) -> None:
    registry.take()
    gauges.record(gauges.everything())
    flush(NOW)
    tick(NOW)
    evaluate(NOW)
    assert set(AlarmState.objects.values_list("state", flat=True)) == {State.OK}


def test_a_keeper_that_never_came_rings_after_two_minutes() -> None:
    for seconds in (0, 60, 110):
        evaluate(at(seconds))
        assert state("keeper-silent") == State.INSUFFICIENT_DATA
    evaluate(at(120))
    assert state("keeper-silent") == State.ALARM


def test_a_start_after_a_night_without_anybody_does_not_ring() -> None:
    tick(NOW)
    evaluate(NOW)
    assert state("keeper-silent") == State.OK
    morning = 12 * 3_600
    for seconds in (0, 60, 110):
        evaluate(at(morning + seconds))
        assert state("keeper-silent") != State.ALARM
    evaluate(at(morning + 120))
    assert state("keeper-silent") == State.ALARM


def test_a_machine_whose_clock_is_ahead_silences_nobody() -> None:
    evaluate(at(3_600))
    quarantine(at(5))
    evaluate(at(10))
    assert state(QUARANTINED) == State.ALARM
    for seconds in range(70, 131, 60):
        evaluate(at(seconds))
    assert state("keeper-silent") == State.ALARM


def test_an_old_job_that_staff_let_go_on_does_not_ring_before_its_first_item() -> None:
    evaluate(NOW)
    for seconds, stuck in ((10, 0), (70, 1), (130, 1), (180, 1), (190, 0)):
        measured(metrics.JOBS_STUCK, stuck, at(seconds))
        evaluate(at(seconds))
        assert state("job-stuck") != State.ALARM


def test_a_day_s_sum_is_not_worked_out_every_time() -> None:
    evaluate(NOW)
    measured(metrics.COST_USD, 1_000, at(5), ModelId="m", Pool="p")
    evaluate(at(10))
    assert state("cost-per-day") == State.OK
    evaluate(at(300))
    assert state("cost-per-day") == State.ALARM


def test_an_evaluation_takes_a_few_queries(
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    evaluate(NOW)
    with django_assert_max_num_queries(8):
        evaluate(at(10))


@pytest.mark.django_db(transaction=True)
def test_of_several_processes_one_writes_the_change() -> None:
    evaluate(NOW)
    AlarmEvent.objects.all().delete()
    quarantine(at(5))
    at_once = threading.Barrier(4)
    changes: list[int] = []

    def keep(seconds: float) -> None:
        at_once.wait()
        changes.append(evaluate(at(seconds)))
        connection.close()

    keepers = [threading.Thread(target=keep, args=(10 + n / 10,)) for n in range(4)]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert sum(changes) == AlarmEvent.objects.filter(alarm=QUARANTINED).count() == 1


def test_what_is_older_than_90_days_is_forgotten() -> None:
    now, long_ago = datetime.now(UTC), datetime.now(UTC) - timedelta(days=91)
    evaluate(long_ago)
    quarantine(now)
    evaluate(now)
    AlarmState.objects.filter(name="job-stuck").update(evaluated_at=long_ago)
    forget_alarms()
    assert set(AlarmEvent.objects.values_list("at", flat=True)) == {now}
    assert AlarmState.objects.count() == len(defined()) - 1
