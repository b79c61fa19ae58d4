"""Which rows of a release a job takes, and how they become titles and items, as set operations.

A release has up to 200,000 rows; moving them through Python would take a request a minute.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from enrichment.models import DETAILS, Item, Job, Release, ReleaseRow, Title, Unindexed

ROWS = ReleaseRow._meta.db_table


def selected(release: Release, changes: Sequence[str]) -> QuerySet[ReleaseRow]:
    """The good rows whose change is among the chosen ones."""
    return release.rows.filter(change__in=changes)


def found_changes(release: Release, changes: Sequence[str]) -> list[str]:
    """Those of the chosen changes that rows of the release would make, sorted."""
    rows = selected(release, changes).order_by().values_list("change", flat=True)
    return sorted(rows.distinct())


def describe_titles(job: Job) -> None:
    """Makes the titles of a job's rows, or describes those anew that no newer release describes."""
    table = Title._meta.db_table
    columns = ", ".join(DETAILS)
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in ("described_by", *DETAILS))
    # Two jobs with the same titles in another order would lock each other out; sorted ones do not.
    _execute(
        f"INSERT INTO {table} (id, described_by, {columns})"  # noqa: S608
        f" SELECT title_id, release_id, {columns} FROM {ROWS} WHERE {{rows}} ORDER BY title_id"
        f" ON CONFLICT (id) DO UPDATE SET {updates}"
        f" WHERE {table}.described_by <= EXCLUDED.described_by",
        job,
    )


def note_changes(job: Job) -> None:
    """Lets the search learn of the titles of a job's rows."""
    _execute(
        f"INSERT INTO {Unindexed._meta.db_table} (title_id)"  # noqa: S608
        f" SELECT title_id FROM {ROWS} WHERE {{rows}}",
        job,
    )


def add_items(job: Job) -> None:
    """Gives a job one pending item for each of its rows, in the order of the file."""
    defaults: dict[str, Any] = {
        str(field.column): field.get_db_prep_save(field.get_default(), connection)
        for field in Item._meta.concrete_fields
        if not field.null and field.column not in ("id", "job_id", "title_id")
    }
    marks = ", ".join(["%s"] * len(defaults))
    _execute(
        f"INSERT INTO {Item._meta.db_table} (job_id, title_id, {', '.join(defaults)})"  # noqa: S608
        f" SELECT %s, title_id, {marks} FROM {ROWS} WHERE {{rows}} ORDER BY number",
        job,
        job.pk,
        *defaults.values(),
    )


def _execute(statement: str, job: Job, *parameters: Any) -> None:
    changes = job.changes
    rows = f"release_id = %s AND change IN ({', '.join(['%s'] * len(changes))})"
    with connection.cursor() as cursor:
        cursor.execute(statement.format(rows=rows), [*parameters, job.release_id, *changes])
