"""Hands deliveries to SQS through Celery, in batches."""

from __future__ import annotations

from collections.abc import Sequence

from enrichment.store import Send
from enrichment.tasks import enrich_item
from mangaassist.broker.sending import NotSent
from mangaassist.celery import app
from mangaassist.errors import Failure
from mangaassist.pools import ENRICHMENT

SESSION = 100  # messages whose calls go out side by side


def send(sends: Sequence[Send]) -> dict[Send, Failure]:
    """Publishes the deliveries; returns those that SQS did not take, and why."""
    by_id = {f"{one.item}:{one.delivery}": one for one in sends}
    try:
        with app.producer_or_acquire() as producer, producer.batch(max_size=SESSION):
            for identity, one in by_id.items():
                enrich_item.apply_async(  # type: ignore[call-arg]
                    args=(one.item, one.delivery),
                    producer=producer,
                    queue=ENRICHMENT.queue.name,
                    retry=False,
                    MessageGroupId=one.title,
                    MessageDeduplicationId=identity,
                )
    except NotSent as error:
        return {by_id[identity]: failure for identity, failure in error.failed.items()}
    return {}
