"""Builds the search index anew beside the one that is searched, and lets searches go to it then."""

from __future__ import annotations

import time
from collections.abc import Callable

import structlog

from enrichment.indexing import CHUNK, index
from enrichment.models import Title
from mangaassist.errors import Failure, Misconfigured, Temporary
from mangaassist.search import indices

PAUSES = (2.0, 5.0, 15.0, 30.0)  # seconds before another try of a chunk of titles
VISIBLE_WITHIN = 180.0  # seconds; a busy server may show late what was written
LOOK_EVERY = 1.0  # seconds

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]  # titles that are written, and all of them


def reindex(progress: Progress) -> str:
    """Makes, fills and switches to a new index; returns its name. Repeat it after a failure.

    Until the switch searches go to the old one, and changes to both. What an earlier run left is
    deleted. Raises a Failure, after which all is as it was.
    """
    for name in {*indices.written(), *indices.made()} - {*indices.searched()}:
        indices.delete(name)
    name = indices.create()
    written = _fill(name, progress)
    _await_visible(name, written)
    if name not in indices.written():
        raise Misconfigured("index_gone", f"Somebody deleted {name}: another reindex is running.")
    old = indices.switch(name)
    log.info("reindexed", index=name, titles=written, deleted=old)
    return name


def _fill(name: str, progress: Progress) -> int:
    """Writes all titles; returns how many the index took."""
    total, seen, written, last = Title.objects.count(), 0, 0, ""
    progress(0, total)
    while ids := list(
        Title.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]
    ):
        refused = _write(ids, name)
        for id, failure in refused.items():
            log.error("title_not_indexed", title=id, cause=failure.message)
        seen, written, last = seen + len(ids), written + len(ids) - len(refused), ids[-1]
        progress(seen, max(total, seen))
    return written


def _write(ids: list[str], name: str) -> dict[str, Failure]:
    """What the index refuses. A whole run need not end for one busy moment, so there are tries."""
    for pause in PAUSES:
        try:
            refused = index(ids, [name])
            if not any(isinstance(failure, Temporary) for failure in refused.values()):
                return refused
            code = "bulk"
        except Temporary as failure:
            code = failure.code
        log.warning("reindex_waits", code=code, seconds=pause)
        time.sleep(pause)
    return index(ids, [name])


def _await_visible(name: str, titles: int) -> None:
    """Waits until searches would see what was written."""
    deadline = time.monotonic() + VISIBLE_WITHIN
    while (found := indices.count(name)) < titles:
        if time.monotonic() > deadline:
            message = f"{name} shows {found} titles after {VISIBLE_WITHIN:.0f} s, not {titles}."
            raise Temporary("index_incomplete", message)
        time.sleep(LOOK_EVERY)
