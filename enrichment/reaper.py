"""Takes items back whose lease ran out: their message was lost, or their worker died."""

from __future__ import annotations

import structlog
from django.conf import settings

from enrichment.database import STORE
from enrichment.store import Reaped
from mangaassist import metrics
from mangaassist.pools import ENRICHMENT

log = structlog.get_logger(__name__)


def reap() -> Reaped:
    reaped = STORE.reap(settings.ITEM_CRASHES)
    if reaped.unsent or reaped.crashed:
        log.warning("leases_ran_out", unsent=reaped.unsent, crashed=reaped.crashed)
    for metric, count in (
        (metrics.LEASES_EXPIRED, reaped.unsent),
        (metrics.CRASHES_RECOVERED, reaped.crashed),
        (metrics.QUARANTINES, reaped.quarantined),
    ):
        metric.record(count, Pool=ENRICHMENT.name)
    if reaped.quarantined:
        log.error("items_quarantined", count=reaped.quarantined)
    return reaped
