"""Stages a received release: its good rows, what each would change, and what is wrong with others.

A release belongs to one reader at a time, by a lease that every chunk of rows renews; the delivery
number keeps a reader that lost its lease from writing on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from enrichment import uploads
from enrichment.changes import Text, judge
from enrichment.models import DETAILS, Release, ReleaseRow, RowError, Title
from enrichment.releases import chunks, contents
from enrichment.texts import texts
from mangaassist.errors import Failure

CHUNK = 1_000  # rows in one transaction
LEASE = timedelta(seconds=60)  # within which a reader must stage the next chunk
PAUSE = timedelta(seconds=10)  # before a failed reading is tried again
# The same file can be read when somebody says which header is which column, so it is kept.
MENDED_BY_MAPPING = frozenset({"missing_columns", "absent_header", "repeated_columns"})
MOST_FAILURES = 3  # readings that may fail, or die, before the file is refused

log = structlog.get_logger(__name__)


class LeaseLost(Exception):
    """Another reader has the release now."""


def claim(release_id: int, delivery: int) -> Release | None:
    """The release for this delivery; None when it is stale."""
    waiting = Release.objects.filter(pk=release_id, delivery=delivery, state=Release.State.RECEIVED)
    if not waiting.update(state=Release.State.STAGING, lease_until=Now() + LEASE):
        return None
    return Release.objects.get(pk=release_id)


def claim_here(release_id: int) -> Release | None:
    """The release for this very process, whoever was asked to read it; None if somebody does."""
    waiting = Release.objects.filter(pk=release_id, state=Release.State.RECEIVED)
    if not waiting.update(
        state=Release.State.STAGING, delivery=F("delivery") + 1, lease_until=Now() + LEASE
    ):
        return None
    return Release.objects.get(pk=release_id)


def stage(release: Release) -> None:
    """Reads a claimed release to its end: it is ready then, or refused. Raises what failed."""
    try:
        _clear(release)
        try:
            _read(release)
        except uploads.ReleaseError as error:
            _refuse(release, error)
    except LeaseLost:
        log.warning("release_lease_lost", release=release.pk)


def give_back(release_id: int, delivery: int, failure: Failure) -> None:
    """Lets a failed reading be tried again, or refuses the file after too many."""
    _fail(Release.objects.filter(pk=release_id, delivery=delivery), failure.code)


def reclaim() -> None:
    """Takes back what readers held that have died."""
    late = Release.objects.filter(lease_until__lt=Now())
    for release, delivery in late.filter(state=Release.State.STAGING).values_list("pk", "delivery"):
        _fail(late.filter(pk=release, delivery=delivery), "worker_lost")


def _read(release: Release) -> None:
    with contents(release) as file:
        reader = uploads.read(file, mapping=release.mapping or None)
        for chunk in chunks(reader, CHUNK):
            _store(release, chunk)
        _ready(release, reader)


@transaction.atomic
def _fail(releases: QuerySet[Release], code: str) -> None:
    staging = releases.filter(state=Release.State.STAGING)
    for release in staging.filter(crashes__gte=MOST_FAILURES - 1).select_for_update():
        _end(
            release, state=Release.State.REFUSED, code="cannot_be_read", parameters={"cause": code}
        )
        _forget(release)
        log.error("release_given_up", release=release.pk, cause=code)
    # The message of the failed reading may come again; with a new delivery it is stale.
    again = staging.update(
        state=Release.State.RECEIVED,
        delivery=F("delivery") + 1,
        crashes=F("crashes") + 1,
        lease_until=Now() + PAUSE,
    )
    if again:
        log.error("release_not_staged", cause=code)


@transaction.atomic
def _clear(release: Release) -> None:
    """Removes what a reader left that died half-way."""
    _hold(release)
    _forget(release)


def _forget(release: Release) -> None:
    release.rows.all().delete()
    release.errors.all().delete()


@transaction.atomic
def _store(release: Release, chunk: Sequence[uploads.Row | uploads.RowError]) -> None:
    _hold(release)
    rows = [row for row in chunk if isinstance(row, uploads.Row)]
    errors = [row for row in chunk if isinstance(row, uploads.RowError)]
    known = Title.objects.in_bulk([row.title.id for row in rows])
    found = texts(known)
    ReleaseRow.objects.bulk_create(
        _row(release, row, known.get(row.title.id), found.get(row.title.id, Text.NONE))
        for row in rows
    )
    RowError.objects.bulk_create([RowError(release=release, **asdict(error)) for error in errors])


def _row(release: Release, row: uploads.Row, known: Title | None, text: Text) -> ReleaseRow:
    details = {name: getattr(row.title, name) for name in DETAILS}
    return ReleaseRow(
        release=release,
        number=row.number,
        title_id=row.title.id,
        change=judge(details, vars(known) if known else None, text),
        **details,
    )


@transaction.atomic
def _ready(release: Release, reader: uploads.Reader) -> None:
    _hold(release)
    _end(
        release,
        state=Release.State.READY,
        format=reader.format,
        encoding=reader.encoding,
        sheet=reader.sheet[:255],
        columns=reader.columns,
        ignored_columns=list(reader.ignored_columns),
        good_rows=reader.good_rows,
        warned_rows=reader.warned_rows,
        bad_rows=reader.bad_rows,
    )
    log.info("release_staged", release=release.pk, good=reader.good_rows, bad=reader.bad_rows)


@transaction.atomic
def _refuse(release: Release, error: uploads.ReleaseError) -> None:
    _clear(release)
    refused = {"state": Release.State.REFUSED, "code": error.code, "parameters": error.parameters}
    _end(release, keep=error.code in MENDED_BY_MAPPING, **refused)
    log.info("release_refused", release=release.pk, code=error.code)


def _end(release: Release, *, keep: bool = False, **fields: Any) -> None:
    """The last word about a release; its file is not needed any more, unless it is kept."""
    Release.objects.filter(pk=release.pk).update(lease_until=None, **fields)
    if not keep:
        release.parts.all().delete()


def _hold(release: Release) -> None:
    """Renews the lease, which also keeps others out until the transaction ends."""
    mine = Release.objects.filter(
        pk=release.pk, delivery=release.delivery, state=Release.State.STAGING
    )
    if not mine.update(lease_until=Now() + LEASE):
        raise LeaseLost
