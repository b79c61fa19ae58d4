"""What the pages of alarms show: states, values against thresholds, and where they come from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from mangaassist.alarms.definitions import Alarm, State
from mangaassist.alarms.evaluation import value
from mangaassist.alarms.handling import acknowledged, muted
from mangaassist.alarms.readings import readings
from mangaassist.alarms.report import states
from mangaassist.metrics import samples
from mangaassist.models import AlarmState

DRAWN = 60  # windows, as far as there are samples
MOST_DRAWN = 20  # alarms of one page that have a line


@dataclass(frozen=True)
class Row:
    """One alarm. values: of its last windows, oldest first, empty where none are drawn."""

    alarm: Alarm
    state: AlarmState
    is_muted: bool
    is_acknowledged: bool
    values: list[float | None]


@dataclass(frozen=True)
class Evidence:
    """One number that an alarm is worked out from. name: as its expression uses it."""

    name: str
    source: str
    value: float | None


def rows(now: datetime) -> list[Row]:
    """All evaluated alarms, those that ring first; these have values."""
    found = states()
    ringing = [alarm for alarm, row in found if row.state == State.ALARM][:MOST_DRAWN]
    drawn = values(ringing, now)
    silent, taken = _names(now)
    return [
        Row(alarm, row, row.name in silent, row.name in taken, drawn.get(row.name, []))
        for alarm, row in found
    ]


def row(alarm: Alarm, state: AlarmState, now: datetime) -> Row:
    silent, taken = _names(now)
    drawn = values([alarm], now)[alarm.name]
    return Row(alarm, state, state.name in silent, state.name in taken, drawn)


def values(alarms: Iterable[Alarm], now: datetime) -> dict[str, list[float | None]]:
    """By name of the alarm the values of its last windows, oldest first."""
    longer = [replace(alarm, windows=_windows(alarm)) for alarm in alarms]
    found = readings(longer, now)
    return {
        alarm.name: [value(alarm, window) for window in reversed(found[alarm.name])]
        for alarm in longer
    }


def evidence(alarm: Alarm, now: datetime) -> list[Evidence]:
    """The metrics of an alarm in its newest window, and what its steps make of them."""
    [newest] = readings([replace(alarm, windows=1)], now)[alarm.name]
    known = dict(newest)
    found = []
    for name, series in alarm.metrics:
        where = ", ".join(f"{key}={one}" for key, one in series.dimensions)
        source = f"{series.statistic} {series.metric}" + (f" {{{where}}}" if where else "")
        found.append(Evidence(name, source, known[name]))
    for name, step in alarm.steps:
        known[name] = step.value(known)
        found.append(Evidence(name, step.text, known[name]))
    return found


def _windows(alarm: Alarm) -> int:
    kept = int(samples.KEPT_FOR.total_seconds() // alarm.period)
    return max(alarm.windows, min(DRAWN, kept))


def _names(now: datetime) -> tuple[set[str], set[str]]:
    """The muted ones, and those that somebody has taken on."""
    rows = AlarmState.objects
    return (
        set(rows.filter(muted(now)).values_list("pk", flat=True)),
        set(rows.filter(acknowledged(now)).values_list("pk", flat=True)),
    )
