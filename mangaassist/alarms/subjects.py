"""What one entry of the file is repeated for."""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings

from mangaassist import embedding
from mangaassist.pools import ENRICHMENT, POOLS, WORKER_POOLS
from mangaassist.resources import CATALOG_TABLE, QUEUES


class Subjects(StrEnum):
    """A set of names, of which each gets an alarm of its own."""

    POOLS = "pools"
    WORKER_POOLS = "worker_pools"
    ITEM_POOLS = "item_pools"  # of which items are counted
    MODEL_POOLS = "model_pools"
    QUEUES = "queues"
    ITEM_QUEUES = "item_queues"  # SQS does not tell the age of other messages
    DEAD_LETTERS = "dead_letters"
    MODELS = "models"
    TABLES = "tables"  # whose writes are counted
    DUTIES = "duties"


def subjects(of: Subjects) -> list[str]:
    found = {
        Subjects.POOLS: list(POOLS),
        Subjects.WORKER_POOLS: list(WORKER_POOLS),
        Subjects.ITEM_POOLS: [ENRICHMENT.name],
        Subjects.MODEL_POOLS: [pool.name for pool in POOLS.values() if pool.asks_model],
        Subjects.QUEUES: [queue.name for queue in QUEUES],
        Subjects.ITEM_QUEUES: [ENRICHMENT.queue.name],
        Subjects.DEAD_LETTERS: [queue.dead_letters for queue in QUEUES],
        Subjects.MODELS: _models(),
        Subjects.TABLES: [CATALOG_TABLE.name],
        Subjects.DUTIES: list(settings.KEEPER_DUTIES),
    }
    return found[of]


def _models() -> list[str]:
    """Every model that some pool calls, once."""
    names = [name for pool in POOLS.values() for name in pool.models]
    return list(dict.fromkeys([*(getattr(settings, name) for name in names), embedding.MODEL]))
