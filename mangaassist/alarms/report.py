"""The states of alarms as a terminal shows them: what rings comes first, with what to do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from rich.text import Text

from mangaassist.alarms.definitions import Alarm, State
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import runbook
from mangaassist.models import AlarmEvent, AlarmState

STYLES = {State.ALARM: "bold red", State.INSUFFICIENT_DATA: "yellow", State.OK: "green"}


def states(kinds: Iterable[str] = ()) -> list[tuple[Alarm, AlarmState]]:
    """Evaluated alarms of these kinds, or all, worst first."""
    rows = AlarmState.objects.filter(name__in=defined())
    chosen = list(kinds)
    if chosen:
        rows = rows.filter(kind__in=chosen)
    return [(defined()[row.name], row) for row in rows]


def lines(found: Iterable[tuple[Alarm, AlarmState]], now: datetime) -> Iterator[Text]:
    """One line for each alarm, and more for what rings."""
    for alarm, row in found:
        state = State(row.state)
        value = "-" if row.value is None else f"{row.value:.6g}"
        yield Text.assemble(
            (f"{state:<17}", STYLES[state]), f" {alarm.severity:<8} {alarm.name}  ",
            (f"{value} (rings {alarm.comparison} {alarm.threshold:g})", "dim"),
        )  # fmt: skip
        if state is State.ALARM:
            yield from _details(alarm, row, now)


def _details(alarm: Alarm, row: AlarmState, now: datetime) -> Iterator[Text]:
    minutes = (now - row.since).total_seconds() / 60
    yield Text(f"    {alarm.title.en} / {alarm.title.ja}")
    yield Text(f"    for {minutes:,.0f} min. {alarm.meaning.en}")
    event = AlarmEvent.objects.filter(alarm=alarm.name).order_by("pk").last()
    if event and event.cause:
        yield Text(f"    cause: {event.cause}")
    yield Text(f"    first: {alarm.look}")
    yield Text(f"    runbook: {runbook(alarm.kind)}")
