"""The parts of pages that change each second, by the name of their page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard import pages, queue_page, queues, reconciliation_page
from dashboard.snapshot import Snapshot
from mangaassist.language import Language

View = tuple[str, Language]  # the name of a page, and who reads it


@dataclass(frozen=True)
class Board:
    """read: what it shows besides the snapshot, once for all viewers; html: that in a language."""

    read: Callable[[Snapshot], Any]
    html: Callable[[Any, Language], str]


BOARDS = {
    "overview": Board(lambda snapshot: snapshot, pages.live),
    "queues": Board(queues.read, queue_page.html),
    "reconciliation": Board(reconciliation_page.read, reconciliation_page.html),
}
