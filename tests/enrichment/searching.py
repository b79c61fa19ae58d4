"""The search as workers write it and the chat uses it, with time enough for a busy machine."""

from __future__ import annotations

from enrichment import unindexed
from enrichment.models import Unindexed
from enrichment.tasks import index_titles
from mangaassist.deadline import Deadline
from mangaassist.pools import WEBSOCKET
from mangaassist.search import titles


def index_all() -> None:
    """Lets workers write what has changed, and look for it as if two minutes had gone by."""
    for _ in ("write", "look"):
        Unindexed.objects.update(lease_until=None)
        while batch := unindexed.take():
            index_titles(batch)


def find(text: str) -> list[str]:
    """Ids, the best first."""
    return titles.find([text], 5, pool=WEBSOCKET, deadline=Deadline(60))
