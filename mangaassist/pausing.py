"""Paused pools: staff let nothing new be sent to the workers; what was sent is still worked off."""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from mangaassist import audit
from mangaassist.models import PoolState

if TYPE_CHECKING:
    from django.contrib.auth.models import User

log = structlog.get_logger(__name__)


def pause(pool: str, user: User) -> bool:
    """False when it was paused already."""
    with transaction.atomic():
        state = PoolState.objects.select_for_update().get_or_create(pool=pool)[0]
        if state.paused_at is not None:
            return False
        state.paused_at, state.paused_by = timezone.now(), user.get_username()
        state.save(update_fields=["paused_at", "paused_by"])
        audit.record(user, "pause", state, before={"paused": False}, after={"paused": True})
    log.warning("pool_paused", pool=pool)
    return True


def resume(pool: str, user: User) -> bool:
    """False when it was not paused."""
    with transaction.atomic():
        state = PoolState.objects.select_for_update().filter(pool=pool).first()
        if state is None or state.paused_at is None:
            return False
        state.paused_at, state.paused_by = None, ""
        state.save(update_fields=["paused_at", "paused_by"])
        audit.record(user, "resume", state, before={"paused": True}, after={"paused": False})
    log.warning("pool_resumed", pool=pool)
    return True
