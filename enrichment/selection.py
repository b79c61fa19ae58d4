"""Which rows of a release a job takes, and how they become titles and items, as set operations.

A release has up to 200,000 rows; moving them through Python would take a request a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from enrichment.models import DETAILS, Change, Item, Job, Release, ReleaseRow, Title, Unindexed

ROWS = ReleaseRow._meta.db_table


def selected(release: Release, changes: Sequence[str]) -> QuerySet[ReleaseRow]:
    """The good rows of which texts are to be written: their change is among the chosen ones."""
    return release.rows.filter(change__in=changes)


def offers(release: Release, changes: Sequence[str]) -> QuerySet[ReleaseRow]:
    """The rows that a job takes besides: all they change is the offer, which costs nothing."""
    return release.rows.filter(change=Change.OFFER).exclude(change__in=changes)


def found_changes(release: Release, changes: Sequence[str]) -> list[str]:
    """Those of the chosen changes that rows of the release would make, sorted."""
    rows = selected(release, changes).order_by().values_list("change", flat=True)
    return sorted(rows.distinct())


def describe_titles(job: Job) -> None:
    """Makes the titles of a job's rows, or describes those anew that no newer release describes.

    What a row says nothing of stays as it is.
    """
    table = Title._meta.db_table
    columns = ", ".join(DETAILS)
    updates = ", ".join(f"{name} = COALESCE(EXCLUDED.{name}, {table}.{name})" for name in DETAILS)
    # Two jobs with the same titles in another order would lock each other out; sorted ones do not.
    _execute(
        f"INSERT INTO {table} (id, described_by, {columns})"  # noqa: S608
        f" SELECT title_id, release_id, {columns} FROM {ROWS} WHERE {{rows}} ORDER BY title_id"
        f" ON CONFLICT (id) DO UPDATE SET described_by = EXCLUDED.described_by, {updates}"
        f" WHERE {table}.described_by <= EXCLUDED.described_by",
        job,
    )


def note_changes(job: Job) -> None:
    """Lets the search learn of the titles of a job's rows. It knows nothing of offers."""
    _execute(
        f"INSERT INTO {Unindexed._meta.db_table} (title_id)"  # noqa: S608
        f" SELECT title_id FROM {ROWS} WHERE {{rows}} AND change <> %s",
        job,
        after=[_offer_only(job)],
    )


def add_items(job: Job) -> None:
    """Gives a job one pending item for each of its rows, in the order of the file.

    Those without a text come first: they are free, so that no budget is used up before them.
    """
    defaults: dict[str, Any] = {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in Item._meta.concrete_fields
        if not field.null and field.column not in ("id", "job_id", "title_id", "offer_only")
    }
    marks = ", ".join(["%s"] * len(defaults))
    columns = ", ".join(("job_id", "title_id", "offer_only", *defaults))
    _execute(
        f"INSERT INTO {Item._meta.db_table} ({columns})"  # noqa: S608
        f" SELECT %s, title_id, change = %s, {marks} FROM {ROWS} WHERE {{rows}}"
        " ORDER BY change <> %s, number",
        job,
        before=[job.pk, _offer_only(job), *defaults.values()],
        after=[_offer_only(job)],
    )


def _offer_only(job: Job) -> str:
    """The change of rows that get no text; that of no row if somebody wished them written."""
    return "" if Change.OFFER in job.changes else Change.OFFER


def _execute(
    statement: str, job: Job, before: Sequence[Any] = (), after: Sequence[Any] = ()
) -> None:
    """before, after: parameters on either side of those of the rows."""
    changes = sorted({*job.changes, Change.OFFER})
    rows = f"release_id = %s AND change IN ({', '.join(['%s'] * len(changes))})"
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rows=rows), [*before, job.release_id, *changes, *after])
