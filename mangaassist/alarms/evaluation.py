"""Decides from the values of an alarm's last windows what it says; no database, no clock."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mangaassist.alarms.definitions import Alarm, Missing, State
from mangaassist.alarms.expression import Values
from mangaassist.messages import Parameter


@dataclass(frozen=True)
class Verdict:
    """What an alarm says now. value: of the newest window that has one; figures: why, as the
    parameters of a sentence."""

    state: State
    value: float | None
    figures: dict[str, Parameter]


def value(alarm: Alarm, metrics: Values) -> float | None:
    """The alarm's expression in one window. metrics: a value for each of its metrics."""
    known = dict(metrics)
    for name, step in alarm.steps:
        known[name] = step.value(known)
    return alarm.expression.value(known)


def decide(
    alarm: Alarm, before: State, values: Sequence[float | None], watched: int | None = None
) -> Verdict:
    """values: of the alarm's windows, newest first. watched: how many of them, counted from the
    newest, somebody has looked at as they passed; before that, silence means nothing."""
    seen = len(values) if watched is None else watched
    limit = alarm.clear if before is State.ALARM else alarm.threshold
    breaching = [_breaches(alarm, one, limit, at < seen) for at, one in enumerate(values)]
    state = _state(alarm, before, breaching)
    newest = next((one for one in values if one is not None), None)
    return Verdict(state, newest, _figures(alarm, limit, values, breaching))


def _breaches(alarm: Alarm, value: float | None, limit: float, watched: bool) -> bool | None:
    """None where a window says nothing."""
    if value is not None:
        return alarm.comparison.holds(value, limit)
    if alarm.missing is Missing.NOT_BREACHING:
        return False
    return True if alarm.missing is Missing.BREACHING and watched else None


def _state(alarm: Alarm, before: State, breaching: Sequence[bool | None]) -> State:
    bad, good = breaching.count(True), breaching.count(False)
    if bad >= alarm.breaches:
        return State.ALARM
    if good > alarm.windows - alarm.breaches:
        return State.OK  # Whatever the silent windows would have said.
    if not bad and not good:
        return before if alarm.missing is Missing.IGNORE else State.INSUFFICIENT_DATA
    if before is State.INSUFFICIENT_DATA and not bad:
        return State.OK
    return before


def _figures(
    alarm: Alarm, limit: float, values: Sequence[float | None], breaching: Sequence[bool | None]
) -> dict[str, Parameter]:
    return {
        "bad": breaching.count(True),
        "windows": alarm.windows,
        "period": alarm.period,
        "comparison": alarm.comparison.value,
        "limit": f"{limit:g}",
        "breaches": alarm.breaches,
        "values": " ".join("-" if one is None else f"{one:.6g}" for one in values),
    }
