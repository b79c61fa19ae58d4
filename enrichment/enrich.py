"""The worker as a sentence: claim, compose, write, settle."""

from __future__ import annotations

from decimal import Decimal
from functools import lru_cache
from typing import Any

import structlog
from django.db import connection

from enrichment.compose import Meter, compose
from enrichment.database import STORE
from enrichment.discrepancies import wrote
from enrichment.leases import leases
from enrichment.models import Job, Title, Unindexed
from enrichment.states import State
from enrichment.store import NO_MESSAGE, Claimed, Message, Outcome, Send
from mangaassist import catalog, metrics
from mangaassist.activity import WORKER
from mangaassist.blocking import Gate
from mangaassist.pools import ENRICHMENT

log = structlog.get_logger(__name__)
gate = Gate(ENRICHMENT.name)


def enrich(item_id: int, delivery: int, message: Message = NO_MESSAGE) -> None:
    """Enriches one title. Raises whatever failed; the item still runs, its costs are kept."""
    if gate.closed_for(item_id):
        STORE.put_back([Send(item_id, delivery, "")])
        return
    work = STORE.claim(item_id, delivery, WORKER, message)
    if work is None:
        metrics.DUPLICATES.record(Pool=ENRICHMENT.name)
        log.info("delivery_is_stale")
        return
    structlog.contextvars.bind_contextvars(job=work.job)
    with leases.held(item_id):
        title = Title.objects.get(pk=work.title)
        job = options(work.job)
        # The model thinks for seconds; other threads need the connection meanwhile.
        connection.close()
        _work(work, title, job)


@lru_cache(maxsize=100)
def options(job_id: int) -> Job:
    """A job's kinds, languages and model, which never change."""
    return Job.objects.only("kinds", "languages", "model").get(pk=job_id)


def _work(work: Claimed, title: Title, job: Job) -> None:
    if work.offer_only:
        newest = catalog.describe(title.pk, title.attributes(), work.item)
        settled = STORE.settle(work.item, work.delivery, Outcome(State.DONE))
        log.info("item_described", newest=newest, settled=settled)
        return
    meter = Meter(job.model)
    draft = work.draft
    if draft is None and work.delivery > 1 and _written(work, title, job):
        Unindexed.objects.create(title_id=title.pk)
        settled = STORE.settle(work.item, work.delivery, Outcome(State.DONE))
        log.info("item_adopted", settled=settled)
        return
    try:
        draft = draft or compose(title, job, meter)
        written = catalog.put(
            title.pk, title.attributes(), draft["results"], _provenance(work, draft)
        )
        Unindexed.objects.create(title_id=title.pk)
    except Exception:
        STORE.keep(work.item, work.delivery, meter.usage, draft)
        raise
    settled = STORE.settle(work.item, work.delivery, Outcome(State.DONE, usage=meter.usage))
    log.info("item_done", types=written.types, kept=written.kept, settled=settled)


def _written(work: Claimed, title: Title, job: Job) -> bool:
    """Whether an earlier delivery's worker died between the write and the word of it."""
    return wrote(work.item, job.kinds, catalog.get(title.pk))


def _provenance(work: Claimed, draft: dict[str, Any]) -> catalog.Provenance:
    made = draft["provenance"] | {"cost": Decimal(draft["provenance"]["cost"])}
    return catalog.Provenance(item=work.item, delivery=work.delivery, **made)
