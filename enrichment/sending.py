"""Hands deliveries to SQS through Celery, in batches."""

from __future__ import annotations

from collections.abc import Sequence

from enrichment.store import Send
from enrichment.tasks import enrich_item
from mangaassist.celery import Message, hand_over_all
from mangaassist.errors import Failure
from mangaassist.pools import ENRICHMENT


def send(sends: Sequence[Send]) -> dict[Send, Failure]:
    """Publishes the deliveries; returns those that SQS did not take, and why."""
    by_id = {f"{one.item}:{one.delivery}": one for one in sends}
    failed = hand_over_all(
        Message(enrich_item, ENRICHMENT.queue, one.title, identity, (one.item, one.delivery))
        for identity, one in by_id.items()
    )
    return {by_id[identity]: failure for identity, failure in failed.items()}
