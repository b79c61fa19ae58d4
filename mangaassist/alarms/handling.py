"""What staff do about an alarm: take it on, or let nobody be told of it for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from mangaassist import audit
from mangaassist.alarms.definitions import State
from mangaassist.models import AlarmState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

LONGEST = timedelta(days=7)  # so that no alarm is forgotten


def muted(now: datetime) -> Q:
    """Alarms of which nobody is told."""
    return Q(muted_until__gt=now)


def acknowledged(now: datetime) -> Q:
    """Alarms that somebody has taken on since they ring; once they have ended, that is over."""
    return Q(acknowledged_at__gte=F("since"), acknowledged_until__gt=now, state=State.ALARM)


def handled_by(row: AlarmState, now: datetime) -> str:
    """Who has taken on an alarm, or else muted it, and still does; empty for nobody."""
    taken_at, taken_until = row.acknowledged_at, row.acknowledged_until
    if taken_at and taken_until and taken_at >= row.since and taken_until > now:
        return row.acknowledged_by
    return row.muted_by if row.muted_until and row.muted_until > now else ""


def acknowledge(user: User, name: str, lasting: timedelta) -> bool:
    """Tells nobody again of an alarm that rings, for so long. False when it does not ring."""
    now = timezone.now()
    with transaction.atomic():
        row = AlarmState.objects.select_for_update().filter(name=name, state=State.ALARM).first()
        if row is None:
            return False
        _change(
            user, "acknowledge", row, acknowledged_by=user.get_username(), acknowledged_at=now,
            acknowledged_until=now + min(lasting, LONGEST),
        )  # fmt: skip
    return True


def mute(user: User, name: str, lasting: timedelta, why: str) -> bool:
    """Tells nobody of an alarm for so long. False when there is no such alarm."""
    until = timezone.now() + min(lasting, LONGEST)
    with transaction.atomic():
        row = AlarmState.objects.select_for_update().filter(name=name).first()
        if row is None:
            return False
        _change(
            user, "mute", row, muted_by=user.get_username(), muted_until=until, muted_why=why[:200]
        )
    return True


def unmute(user: User, name: str) -> bool:
    """Lets people be told again, also of what happened meanwhile. False when it was not muted."""
    with transaction.atomic():
        rows = AlarmState.objects.select_for_update().filter(muted(timezone.now()), name=name)
        row = rows.first()
        if row is None:
            return False
        _change(user, "unmute", row, muted_by="", muted_until=None, muted_why="")
    return True


def _change(user: User, action: str, row: AlarmState, **values: Any) -> None:
    before = {name: _fact(getattr(row, name)) for name in values}
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
    after = {name: _fact(value) for name, value in values.items()}
    audit.record(user, action, row, before=before, after=after)


def _fact(value: datetime | str | None) -> str | None:
    return value.isoformat() if isinstance(value, datetime) else value
