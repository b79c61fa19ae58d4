"""Takes a release file into the database: its titles, which row holds which, and what was wrong."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from django.db import IntegrityError, connection, transaction

from enrichment import uploads
from enrichment.models import Release, ReleaseRow, RowError, Title

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHUNK = 1_000  # rows per INSERT
DETAILS = [field.name for field in Title._meta.fields if not field.primary_key]

T = TypeVar("T")


def take(name: str, file: BinaryIO, user: User | None = None) -> Release:
    """Stores a file's good rows and errors, all or nothing. The same bytes are the same release.

    file: seekable. Raises ReleaseError when the file as a whole cannot be read.
    """
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    file.seek(0)
    try:
        return Release.objects.get(sha256=sha256)
    except Release.DoesNotExist:
        return _stored(name, sha256, file, user)


def _stored(name: str, sha256: str, file: BinaryIO, user: User | None) -> Release:
    try:
        with transaction.atomic():
            release = Release.objects.create(name=_storable(name), sha256=sha256, created_by=user)
            _one_at_a_time()
            reader = uploads.read(file)
            for chunk in chunks(reader, CHUNK):
                _store(release, [row for row in chunk if isinstance(row, uploads.Row)])
                _report(release, [row for row in chunk if isinstance(row, uploads.RowError)])
            release.good_rows, release.bad_rows = reader.good_rows, reader.bad_rows
            release.save(update_fields=["good_rows", "bad_rows"])
    except IntegrityError:  # Somebody else stored the same file meanwhile.
        return Release.objects.get(sha256=sha256)
    return release


def _one_at_a_time() -> None:
    """Lets other files wait: two with the same titles in another order would deadlock."""
    if connection.vendor == "postgresql":  # SQLite has one writer at a time anyway.
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {Title._meta.db_table} IN SHARE ROW EXCLUSIVE MODE")


def _storable(name: str) -> str:
    """A file's name as it fits its column; a name of a file may be no text at all."""
    return name.encode("utf-8", "replace").decode()[-255:]


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _store(release: Release, rows: list[uploads.Row]) -> None:
    Title.objects.bulk_create(
        [Title(**asdict(row.title)) for row in rows],
        update_conflicts=True,
        unique_fields=["id"],
        update_fields=DETAILS,
    )
    ReleaseRow.objects.bulk_create(
        [ReleaseRow(release=release, number=row.number, title_id=row.title.id) for row in rows]
    )


def _report(release: Release, errors: list[uploads.RowError]) -> None:
    RowError.objects.bulk_create([RowError(release=release, **asdict(error)) for error in errors])
