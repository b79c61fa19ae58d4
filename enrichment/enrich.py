"""The worker as a sentence: claim, compose, write, settle."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import structlog
from django.db import connection

from enrichment.compose import Meter, compose
from enrichment.database import STORE
from enrichment.leases import leases
from enrichment.models import Item
from enrichment.states import State
from enrichment.store import Outcome, Send
from mangaassist import catalog
from mangaassist.activity import WORKER
from mangaassist.blocking import Gate
from mangaassist.pools import ENRICHMENT

log = structlog.get_logger(__name__)
gate = Gate(ENRICHMENT.name)


def enrich(item_id: int, delivery: int) -> None:
    """Enriches one title. Raises whatever failed, with the item still running and its costs recorded."""
    if gate.closed_for(item_id):
        STORE.put_back([Send(item_id, delivery, "")])
        return
    if not STORE.claim(item_id, delivery, WORKER):
        log.info("delivery_is_stale")
        return
    with leases.held(item_id):
        item = Item.objects.select_related("title", "job").get(pk=item_id)
        connection.close()  # The model thinks for seconds; other threads need the connection meanwhile.
        _work(item)


def _work(item: Item) -> None:
    meter = Meter(item.job.model)
    draft: dict[str, Any] | None = item.draft
    try:
        draft = draft or compose(item, meter)
        written = catalog.put(
            item.title_id, item.title.attributes(), draft["results"], _provenance(item, draft)
        )
    except Exception:
        STORE.keep(item.pk, item.delivery, meter.usage, draft)
        raise
    settled = STORE.settle(item.pk, item.delivery, Outcome(State.DONE, usage=meter.usage))
    log.info("item_done", types=written.types, kept=written.kept, settled=settled)


def _provenance(item: Item, draft: dict[str, Any]) -> catalog.Provenance:
    made = draft["provenance"]
    return catalog.Provenance(item=item.pk, delivery=item.delivery, **made | {"cost": Decimal(made["cost"])})
