"""The weekly slots of a schedule, and which of them are due. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Weekly:
    """weekday: 0 is Monday; at: on the clocks of the zone; catch_up: how late a slot may begin."""

    weekday: int
    at: time
    zone: ZoneInfo
    catch_up: timedelta

    def last(self, now: datetime) -> datetime:
        """The newest slot that is not after now."""
        local = now.astimezone(self.zone)
        day = local.date() - timedelta(days=(local.weekday() - self.weekday) % 7)
        slot = datetime.combine(day, self.at, self.zone)
        # Weeks are added to the date: where clocks are changed, a week has no fixed length.
        return slot if slot <= now else datetime.combine(day - WEEK, self.at, self.zone)

    def next(self, now: datetime) -> datetime:
        """The first slot after now."""
        day = self.last(now).date() + WEEK
        return datetime.combine(day, self.at, self.zone)

    def too_late(self, slot: datetime, now: datetime) -> bool:
        return now - slot > self.catch_up


@dataclass(frozen=True)
class Due:
    """slot: the one to begin now; missed: those that nobody began in time, newest first."""

    slot: datetime | None = None
    missed: tuple[datetime, ...] = ()


def due(schedule: Weekly, now: datetime, begun: datetime | None) -> Due:
    """What is to be done now.

    begun: the newest slot that somebody began or called missed. Without one the schedule is new,
    and nobody can have missed anything.
    """
    slot = schedule.last(now)
    if begun is None:
        return Due(None if schedule.too_late(slot, now) else slot)
    unbegun = []
    while slot > begun:
        unbegun.append(slot)
        slot = schedule.last(slot - timedelta(seconds=1))
    late = tuple(slot for slot in unbegun if schedule.too_late(slot, now))
    return Due(unbegun[0] if len(unbegun) > len(late) else None, late)


def expected(schedule: Weekly, marked: datetime, now: datetime, ended: bool) -> datetime:
    """When that which was marked then begins; a time in the past: as soon as there is room.

    ended: whether the first run after it was marked is over.
    """
    first = schedule.next(marked)
    if first > now or not (ended or schedule.too_late(first, now)):
        return first
    return schedule.next(now)
