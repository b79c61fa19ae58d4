"""The duty that evaluates all alarms, in any number of processes at once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from mangaassist.alarms.causes import cause
from mangaassist.alarms.definitions import Alarm, Severity, State
from mangaassist.alarms.evaluation import Verdict, decide, value
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.readings import readings
from mangaassist.alarms.texts import REASON
from mangaassist.language import Language
from mangaassist.models import AlarmEvent, AlarmState

# A day's sum is worked out every five minutes, a minute's whenever somebody asks.
LOOKS_PER_WINDOW = 288
# Whoever has not looked for so long, of course saw nothing: after a restart silence means nothing.
LONGEST_GAP = timedelta(seconds=90)

log = structlog.get_logger(__name__)


def evaluate(now: datetime | None = None) -> int:
    """Keeper duty: how many alarms changed. Also safe beside keepers, in any other process."""
    now = now or timezone.now()
    # States before measurements: whoever sees another's change then has not older figures.
    known = _known(defined(), now)
    due = [alarm for alarm in defined().values() if _is_due(alarm, known[alarm.name], now)]
    found = readings(due, now)
    verdicts: dict[str, Verdict] = {}
    for alarm in due:
        state = known[alarm.name]
        watched = int((now - _watched_since(alarm, state, now)).total_seconds() // alarm.period)
        values = [value(alarm, window) for window in found[alarm.name]]
        verdicts[alarm.name] = decide(alarm, State(state.state), values, watched)
    return _write(due, known, verdicts, now)


def _known(alarms: Iterable[str], now: datetime) -> dict[str, AlarmState]:
    """A row for every alarm; the ones that are missing are made."""
    rows = AlarmState.objects.in_bulk(list(alarms))
    new = [
        AlarmState(
            name=alarm.name, kind=alarm.kind, severity=alarm.severity, since=now,
            state=State.INSUFFICIENT_DATA, watched_since=now,
        )
        for alarm in defined().values()
        if alarm.name not in rows
    ]  # fmt: skip
    if new:
        AlarmState.objects.bulk_create(new, ignore_conflicts=True)
        rows = AlarmState.objects.in_bulk(list(alarms))
    return rows


def _is_due(alarm: Alarm, state: AlarmState, now: datetime) -> bool:
    pause = timedelta(seconds=alarm.period / LOOKS_PER_WINDOW)
    # The clock of who evaluated last may be ahead, or ours was set back; neither may silence us.
    return state.evaluated_at is None or abs(now - state.evaluated_at) >= pause


def _watched_since(alarm: Alarm, state: AlarmState, now: datetime) -> datetime:
    gap = LONGEST_GAP + timedelta(seconds=alarm.period / LOOKS_PER_WINDOW)
    seen = state.evaluated_at or state.watched_since
    return now if abs(now - seen) > gap else state.watched_since


@transaction.atomic
def _write(
    alarms: Iterable[Alarm],
    known: dict[str, AlarmState],
    verdicts: dict[str, Verdict],
    now: datetime,
) -> int:
    """Keeps the verdicts of those alarms that nobody else has evaluated in the meantime."""
    # In one order, so that two processes cannot lock each other out.
    rows = AlarmState.objects.select_for_update().filter(name__in=verdicts).order_by("name")
    mine = {row.name: row for row in rows if row.evaluated_at == known[row.name].evaluated_at}
    events = []
    for alarm in alarms:
        row = mine.get(alarm.name)
        if row is None:
            continue
        verdict = verdicts[alarm.name]
        row.watched_since = _watched_since(alarm, row, now)
        row.value, row.evaluated_at, row.severity = verdict.value, now, alarm.severity
        if verdict.state != row.state:
            events.append(_event(alarm, row, verdict, now))
            row.state, row.since = verdict.state, now
    changed = ["state", "since", "severity", "value", "evaluated_at", "watched_since"]
    # An INSERT that meets its row is an UPDATE, and is put together faster than one of 80 cases.
    AlarmState.objects.bulk_create(
        mine.values(), update_conflicts=True, unique_fields=["name"], update_fields=changed
    )
    AlarmEvent.objects.bulk_create(events)
    return len(events)


def _event(alarm: Alarm, row: AlarmState, verdict: Verdict, now: datetime) -> AlarmEvent:
    event = AlarmEvent(
        alarm=alarm.name, kind=alarm.kind, severity=alarm.severity, at=now,
        before=row.state, state=verdict.state,
        value=verdict.value, threshold=alarm.threshold, figures=verdict.figures,
        reason=REASON.text(Language.EN, verdict.figures),
        cause=cause(alarm) if verdict.state is State.ALARM else "",
    )  # fmt: skip
    _log(alarm, event)
    return event


def _log(alarm: Alarm, event: AlarmEvent) -> None:
    if event.state == State.ALARM:
        tell = log.critical if alarm.severity is Severity.CRITICAL else log.warning
    else:
        tell = log.info if event.before == State.ALARM else log.debug
    tell(
        "alarm_changed", alarm=alarm.name, before=str(event.before), state=str(event.state),
        value=event.value, reason=event.reason, cause=event.cause,
    )  # fmt: skip
