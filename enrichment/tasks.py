"""The Celery entry points of enrichment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import structlog
from django.conf import settings

from enrichment import enrich as enriching
from enrichment import indexing, samples, staging, unindexed
from enrichment import reconciliation as comparing
from enrichment.database import STORE
from enrichment.models import Item
from enrichment.outcomes import outcome
from enrichment.store import Message
from mangaassist import blocking, metrics
from mangaassist.broker.envelope import receives
from mangaassist.celery import Task, app
from mangaassist.errors import Failure, Misconfigured
from mangaassist.pools import ENRICHMENT

log = structlog.get_logger(__name__)


class ItemTask(Task):
    """A task about one delivery of one item; a failure settles the item."""

    abstract = True
    arguments: ClassVar = ("item", "delivery")

    def settle(self, failure: Failure, item: int, delivery: int) -> None:
        if isinstance(failure, Misconfigured):
            blocking.block(ENRICHMENT.name, failure)
        tries, snoozes = Item.objects.values_list("tries", "snoozes").get(pk=item)
        after = outcome(failure, tries, snoozes, settings.ITEM_TRIES)
        if after.snoozes:
            metrics.SNOOZES.record(Pool=ENRICHMENT.name, Code=failure.code)
        STORE.settle(item, delivery, after)


class ReleaseTask(Task):
    """A task about one delivery of one release; a failure lets it be read again."""

    abstract = True
    arguments: ClassVar = ("release", "delivery")

    def settle(self, failure: Failure, release: int, delivery: int) -> None:
        staging.give_back(release, delivery, failure)


class ReconciliationTask(Task):
    """A task about one run; a failure lets it be tried again."""

    abstract = True
    arguments: ClassVar = ("reconciliation",)

    def settle(self, failure: Failure, reconciliation: int) -> None:
        comparing.note(reconciliation, failure)


class SampleTask(Task):
    """A task about one sample; a failure is told to whoever asked for it."""

    abstract = True
    arguments: ClassVar = ("sample",)

    def settle(self, failure: Failure, sample: int) -> None:
        samples.give_up(sample, failure)


class IndexTask(Task):
    """A task about one batch of changed titles; a failure lets them be tried again."""

    abstract = True
    arguments: ClassVar = ("batch",)

    def settle(self, failure: Failure, batch: str) -> None:
        unindexed.give_back(batch, failure)


@app.task(base=ItemTask, name="enrich_item")
def enrich_item(item: int, delivery: int) -> None:
    """Enriches one title for one delivery."""
    enriching.enrich(item, delivery, _message(enrich_item.request.properties))


@app.task(base=ReleaseTask, name="stage_release")
def stage_release(release: int, delivery: int) -> None:
    """Reads an uploaded file for one delivery."""
    claimed = staging.claim(release, delivery)
    if claimed is None:
        log.info("delivery_is_stale")
        return
    staging.stage(claimed)


@app.task(base=ReconciliationTask, name="reconcile")
def reconcile(reconciliation: int) -> None:
    """Compares items with the queue and the catalogue."""
    comparing.carry_out(reconciliation)


@app.task(base=SampleTask, name="write_sample")
def write_sample(sample: int) -> None:
    """Writes about one title of a release that has no job yet."""
    samples.write(sample)


@app.task(base=IndexTask, name="index_titles")
def index_titles(batch: str) -> None:
    """Lets the search learn of the titles of one batch."""
    indexing.index_batch(batch)


def _message(properties: Mapping[str, Any] | None) -> Message:
    """What SQS says of the message that brought a task; nothing for one that it did not bring."""
    raw = (properties or {}).get("delivery_info", {}).get("sqs_message")
    return Message(raw["MessageId"], receives(raw)) if raw else Message()
