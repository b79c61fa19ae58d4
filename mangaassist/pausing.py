"""Paused pools: staff let nothing new be sent to the workers; what was sent is still worked off.

Only pools whose work can wait: late answers cannot, for shoppers do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import structlog
from django.db import transaction
from django.utils import timezone

from mangaassist import audit
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT, MAINTENANCE, MODERATION

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PAUSABLE = {pool.name for pool in (ENRICHMENT, MODERATION, MAINTENANCE)}

log = structlog.get_logger(__name__)


def is_paused(pool: str) -> bool:
    return PoolState.objects.filter(pool=pool, paused_at__isnull=False).exists()


def pause(pool: str, user: User) -> bool:
    """False when it was paused already. Raises ValueError for a pool that cannot wait."""
    if pool not in PAUSABLE:
        raise ValueError(f"{pool} cannot be paused")
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
