"""How long changes of alarms are kept."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from mangaassist.models import AlarmEvent, AlarmState

KEPT_FOR = timedelta(days=90)


def forget_alarms() -> None:
    """Keeper duty: deletes old changes, and states of alarms that nobody evaluates any more."""
    old = timezone.now() - KEPT_FOR
    AlarmEvent.objects.filter(at__lt=old).delete()
    AlarmState.objects.filter(evaluated_at__lt=old).delete()
