"""Builds the search index anew beside the one that is searched, and lets searches go to it then."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping

import structlog

from enrichment.indexing import CHUNK, read
from enrichment.models import Title
from mangaassist.errors import Failure, Misconfigured, Temporary
from mangaassist.search import copies, indices

PAUSES = (2.0, 5.0, 15.0, 30.0)  # seconds before another try of a chunk of titles
SEEN_WITHIN = 900.0  # seconds; a busy server may show late what was written
LOOK_EVERY = 1.0  # seconds
FAREWELL = 60.0  # seconds for which the old index stays, until every server knows of the switch

log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]  # titles that are written, and all of them


def reindex(progress: Progress) -> str:
    """Makes, fills and switches to a new index; returns its name. Repeat it after a failure.

    Until the switch searches go to the old one, and changes to both. What an earlier run left is
    deleted. Raises a Failure, after which searches go on undisturbed.
    """
    for name in {*indices.written(), *indices.made()} - {*indices.searched()}:
        indices.delete(name)
    name = indices.create()
    chunks = _fill(name, progress)
    _await_seen(name, chunks)
    if name not in indices.written():
        raise Misconfigured("index_gone", f"Somebody deleted {name}: another reindex is running.")
    old = indices.switch(name)
    time.sleep(FAREWELL if old else 0)
    for other in old:
        indices.delete(other)
    log.info("reindexed", index=name, titles=sum(map(len, chunks)), deleted=old)
    return name


def _fill(name: str, progress: Progress) -> list[dict[str, int]]:
    """Writes all titles; returns the versions that the index took, by id, in chunks."""
    total, seen, written, last = Title.objects.count(), 0, list[dict[str, int]](), ""
    progress(0, total)
    while ids := list(
        Title.objects.filter(pk__gt=last).order_by("pk").values_list("pk", flat=True)[:CHUNK]
    ):
        written.append(_write(ids, name))
        seen, last = seen + len(ids), ids[-1]
        progress(seen, max(total, seen))
    return written


def _write(ids: list[str], name: str) -> dict[str, int]:
    """The versions that the index took. A whole run need not end for one busy moment."""
    for pause in PAUSES:
        try:
            found, refused = _written(ids, name)
            if not any(isinstance(failure, Temporary) for failure in refused.values()):
                break
            code = "bulk"
        except Temporary as failure:
            code = failure.code
        log.warning("reindex_waits", code=code, seconds=pause)
        time.sleep(pause)
    else:
        found, refused = _written(ids, name)
    for id, cause in refused.items():
        log.error("title_not_indexed", title=id, cause=cause.message)
    return {title.id: title.version for title in found if title.id not in refused}


def _written(ids: list[str], name: str) -> tuple[list[copies.Title], dict[str, Failure]]:
    """The titles as they were read, and which of them the index refused."""
    found = read(ids)
    return found, copies.write(found, [name])


def _await_seen(name: str, chunks: Iterable[Mapping[str, int]]) -> None:
    """Waits until searches would see every title, and leaves one copy of each."""
    deadline = time.monotonic() + SEEN_WITHIN
    for versions in chunks:
        while missing := copies.settle(name, versions):
            if time.monotonic() > deadline:
                message = f"{name} does not show {len(missing)} titles, such as {min(missing)}."
                raise Temporary("index_incomplete", message)
            time.sleep(LOOK_EVERY)
