"""Hands changed titles to the maintenance pool, which writes them into the search index."""

from __future__ import annotations

from enrichment import unindexed
from enrichment.tasks import index_titles
from mangaassist import pausing
from mangaassist.celery import hand_over
from mangaassist.errors import Failure
from mangaassist.pools import MAINTENANCE


def dispatch() -> int:
    """Sends what no worker has yet; returns how many messages.

    Raises the Failure when SQS takes none, so that the keeper waits longer before the next try.
    """
    if pausing.is_paused(MAINTENANCE.name):
        return 0
    sent = 0
    while batch := unindexed.take():
        try:
            key = f"index:{batch}"
            hand_over(index_titles, MAINTENANCE.queue, key, key, batch)
        except Failure:
            unindexed.free(batch)
            raise
        sent += 1
    return sent
