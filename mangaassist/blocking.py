"""Blocked pools: after a misconfiguration only one probe at a time is sent, until one succeeds."""

from __future__ import annotations

import time
from datetime import timedelta

import structlog
from django.db.models.functions import Now

from mangaassist.errors import Misconfigured
from mangaassist.models import PoolState

PROBE_EVERY = timedelta(seconds=30)
FRESH = 1.0  # seconds that a worker trusts what it read

log = structlog.get_logger(__name__)


def block(pool: str, failure: Misconfigured) -> None:
    """Blocks a pool, or renews a blocked one's reason; the first block is logged as critical."""
    PoolState.objects.get_or_create(pool=pool)
    first = PoolState.objects.filter(pool=pool, blocked_at=None).update(
        blocked_at=Now(),
        code=failure.code,
        message=failure.message,
        probe_at=Now() + PROBE_EVERY,
        probe_item=None,
    )
    if first:
        log.critical("pool_blocked", pool=pool, code=failure.code, cause=failure.message)
    else:
        PoolState.objects.filter(pool=pool).update(code=failure.code, message=failure.message)


def unblock(pool: str) -> None:
    if PoolState.objects.filter(pool=pool, blocked_at__isnull=False).update(
        blocked_at=None, code="", message="", probe_at=None, probe_item=None
    ):
        log.warning("pool_unblocked", pool=pool)


class Gate:
    """A worker's view of its pool, read at most once a second for all its threads."""

    def __init__(self, pool: str) -> None:
        self.pool = pool
        self.read_at = -FRESH
        self.blocked = False
        self.probe: int | None = None

    def closed_for(self, item: int) -> bool:
        """Whether the item must wait: the pool is blocked and the item is not its probe."""
        now = time.monotonic()
        if now - self.read_at >= FRESH:
            self.read_at = now
            self._read()
        if self.blocked and item != self.probe:
            self._read()  # The probe may have been chosen since; a blocked pool has time to look.
        return self.blocked and item != self.probe

    def _read(self) -> None:
        state = (
            PoolState.objects.filter(pool=self.pool).values_list("blocked_at", "probe_item").first()
        )
        self.blocked = state is not None and state[0] is not None
        self.probe = state[1] if state else None
