"""Writes titles into the search index: their names, what was written about them, and its vector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import structlog
from django.db import connection

from enrichment import unindexed
from enrichment.models import Title
from enrichment.titles import names_of
from mangaassist import catalog, embedding
from mangaassist.errors import Rejected, Temporary
from mangaassist.pools import MAINTENANCE
from mangaassist.search import copies, documents, indices

CHUNK = embedding.MOST_TEXTS  # titles of one embedding call and one bulk, about 1 MB
PATIENCE, WITHIN = 30.0, 25.0  # seconds for the limiter, and for the vectors

log = structlog.get_logger(__name__)

# Seconds of the database's clock since 1970: what was read later has the higher version.
CLOCKS = {
    "postgresql": "EXTRACT(EPOCH FROM STATEMENT_TIMESTAMP())",
    "sqlite": "(JULIANDAY('now') - 2440587.5) * 86400",
}


def index_batch(batch: str) -> None:
    """Writes the changed titles of a batch, or looks whether searches see what was written.

    Raises a Failure with those left that it met.
    """
    claimed = unindexed.claim(batch)
    if not claimed:
        log.info("delivery_is_stale")
        return
    for titles in _chunks([id for id, version in claimed.items() if version is None]):
        _write(batch, titles)
    versions = {id: version for id, version in claimed.items() if version is not None}
    for titles in _chunks(list(versions)):
        _look_for(batch, {id: versions[id] for id in titles})


def read(ids: Sequence[str]) -> list[copies.Title]:
    """Up to CHUNK titles as they are now. Raises a Failure."""
    version = _clock()
    titles = Title.objects.in_bulk(ids)
    # The model takes its time; other threads need the connection meanwhile.
    connection.close()
    rows = catalog.get_many(list(titles))
    names = {id: names_of(title) for id, title in titles.items()}
    words = {id: documents.words(rows.get(id, {})) for id in titles}
    texts = [documents.embedded(names[id], words[id]) or id for id in titles]
    vectors = dict(zip(titles, _vectors(texts), strict=True))
    return [
        copies.Title(
            id,
            version,
            documents.document(names[id], words[id], vectors[id]) if id in titles else None,
        )
        for id in ids
    ]


def _write(batch: str, ids: Sequence[str]) -> None:
    found = read(ids)
    # Asked for each time, since a reindex makes and deletes some meanwhile.
    refused = copies.write(found, indices.written())
    hopeless = {id for id, failure in refused.items() if isinstance(failure, Rejected)}
    for id in hopeless:
        log.error("title_not_indexed", title=id, cause=refused[id].message)
    unindexed.done(batch, hopeless)
    unindexed.written(batch, {one.id: one.version for one in found if one.id not in refused})
    if left := [failure for id, failure in refused.items() if id not in hopeless]:
        raise left[0]


def _look_for(batch: str, versions: Mapping[str, int]) -> None:
    missing: set[str] = set()
    for name in indices.written():
        missing |= copies.settle(name, versions)
    unindexed.done(batch, versions.keys() - missing)
    if missing:
        unindexed.unseen(batch, missing)
        raise Temporary("index_behind", f"{len(missing)} titles were written and are not seen.")


def _chunks(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))


def _vectors(texts: Sequence[str]) -> list[embedding.Vector]:
    if not texts:
        return []
    return embedding.of_titles(texts, pool=MAINTENANCE, patience=PATIENCE, within=WITHIN)


def _clock() -> int:
    """Microseconds since 1970 by the database, so that workers need not agree on the time."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {CLOCKS[connection.vendor]}")
        [seconds] = cursor.fetchone()
    return int(seconds * 1_000_000)
