"""Why an alarm rings, where that is written down: a blocked pool names what is missing."""

from __future__ import annotations

from mangaassist.alarms.definitions import Alarm, Cause
from mangaassist.models import PoolState


def cause(alarm: Alarm) -> str:
    """One line for each blocked pool that the alarm is about; empty when there is none."""
    if alarm.cause is not Cause.BLOCKED_POOL:
        return ""
    blocked = PoolState.objects.filter(blocked_at__isnull=False).order_by("pool")
    pools = {
        value for _, series in alarm.metrics for name, value in series.dimensions if name == "Pool"
    }
    if pools:
        blocked = blocked.filter(pool__in=pools)
    return "\n".join(f"{state.pool}: {state.code}: {state.message}" for state in blocked)
