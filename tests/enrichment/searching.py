"""The search as the chat uses it, with time enough for a busy machine."""

from __future__ import annotations

from mangaassist.deadline import Deadline
from mangaassist.pools import WEBSOCKET
from mangaassist.search import titles


def find(text: str) -> list[str]:
    """Ids, the best first."""
    return titles.find([text], 5, pool=WEBSOCKET, deadline=Deadline(60))
