"""Looks up in the catalogue what a message names or wishes for, in time or not at all."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from typing import Any

import structlog
from django.conf import settings
from django.db import connections
from django.utils.module_loading import import_string

from chat.cards import card
from chat.catalogue import MOST_FOUND, Entry, Found, Index, names_a_genre, wishes
from chat.threads import LOOKING, in_background, in_time
from mangaassist import activity, catalog, metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import Temporary, classify
from mangaassist.pools import POOLS, WEBSOCKET
from mangaassist.search import titles
from mangaassist.tokens import head

BUDGET = 0.3  # seconds
SEARCHING = 0.2  # of them for OpenSearch and the vector; the rest is for reading the rows
FRESH = 300.0  # seconds after which the names are read again
MOST_TOKENS = 300  # of one fact
FACTS = (
    "titleJp", "titleKana", "creator", "firstPublished", "volumes", "price", "availability",
)  # fmt: skip
WRITTEN = ("synopsis", "tags")  # by enrichment, in both languages

log = structlog.get_logger(__name__)


class NotSearched(Temporary):
    """OpenSearch did not answer, and no name is near enough to do without it."""


async def find(message: str, language: str, deadline: Deadline) -> Found:
    """The titles that a message names, nearly names, or wishes for.

    Incomplete when the catalogue does not answer in time.
    """
    try:
        seconds = deadline.within(BUDGET)
        found = await in_time(lambda: look_up(message, language), seconds, LOOKING)
    except Exception as error:
        code = "timeout" if isinstance(error, TimeoutError) else classify(error).code
        metrics.RETRIEVAL_FAILURES.record(Code=code)
        log.exception("retrieval_failed", code=code)
        return Found(complete=False)
    metrics.CHAT_LOOK_UPS.record(Result="found" if found.entries else "nothing")
    return found


def look_up(message: str, language: str) -> Found:
    """The titles that a message names, nearly names, or wishes for.

    Raises NotSearched when they are unknown for want of the search, or another Failure.
    """
    index = names.get()
    ids = index.find(message)
    texts = index.unnamed(message)[: MOST_FOUND - len(ids)] if ids else wishes(message)
    wished = not ids and names_a_genre(message)
    more, searched = _search(texts, index, needed=not ids, wished=wished)
    ids = list(dict.fromkeys([*ids, *more]))[:MOST_FOUND]
    rows = catalog.get_many(ids)
    # The search may know a title before this process has read its name.
    known = [id for id in ids if id in index.titles or id in rows]
    found = [entry(id, index.titles.get(id, ""), rows.get(id, {}), language) for id in known]
    return Found(tuple(found), searched=tuple(searched))


def _search(
    texts: list[str], index: Index, *, needed: bool, wished: bool
) -> tuple[list[str], list[str]]:
    """Ids by OpenSearch or, without it in time, by the names that this process has.

    wished: as `titles.find` has it. Also what OpenSearch was asked for. Raises NotSearched if ids
    are needed and there are none.
    """
    pool = POOLS.get(activity.pool, WEBSOCKET)
    try:
        deadline = Deadline(SEARCHING)
        found = titles.find(texts, MOST_FOUND, pool=pool, deadline=deadline, wished=wished)
        # A new name may be here sooner than there.
        return found or index.nearly(texts), texts
    except Exception as error:
        failure = classify(error)
        metrics.SEARCH_FAILURES.record(Code=failure.code)
        if (ids := index.nearly(texts)) or not needed:
            log.warning("search_missed", code=failure.code, cause=failure.message)
            return ids, []
        raise NotSearched(failure.code, failure.message) from error


def entry(id: str, title: str, row: Mapping[str, Any], language: str) -> Entry:
    """What may be told of a title, from its row; one that nobody enriched yet has only its name."""
    told: dict[str, Any] = {"titleJp": title} | {name: row.get(name, "") for name in FACTS}
    written = row.get("enrichment", {})
    told |= {kind: written.get(kind, {}).get(language, "") for kind in WRITTEN}
    told["titleJp"] = told["titleJp"] or title
    facts = {name: _text(value) for name, value in told.items() if value}
    return Entry(id, facts, card(id, title, row, language))


def _text(value: Any) -> str:
    text = "、".join(map(str, value)) if isinstance(value, list) else str(value)
    return head(text, MOST_TOKENS)


class Names:
    """The index of names in this process, read again in the background now and then."""

    def __init__(self) -> None:
        self._index: Index | None = None
        self._indexed = 0  # hash of the names in it; making it again costs a second of computing
        self._read_at = 0.0
        self._reading = threading.Lock()

    def get(self) -> Index:
        """Raises Temporary `names_not_read` until they have been read once."""
        if self._index is None:
            self.read()
        elif time.monotonic() - self._read_at > FRESH:
            in_background(self._read_again)
        if self._index is None:
            raise Temporary("names_not_read", "The names of titles are still being read.")
        return self._index

    def read(self) -> None:
        """Reads them, unless another thread does so; without a change, the index stays as it is."""
        if not self._reading.acquire(blocking=False):
            return
        try:
            found = list(import_string(settings.CHAT_TITLES)())
            indexed = hash(frozenset(found))  # The database gives them in any order.
            if self._index is None or indexed != self._indexed:
                self._index, self._indexed = Index(found), indexed
            self._read_at = time.monotonic()
        finally:
            self._reading.release()
            connections.close_all()

    def _read_again(self) -> None:
        try:
            self.read()
        except Exception:
            log.exception("names_not_read_again")
            self._read_at = time.monotonic()  # The old ones serve for as long again.


names = Names()


def read_names() -> None:
    """Duty of web processes: no shopper waits for the names, neither the first nor a later one."""
    names.read()
