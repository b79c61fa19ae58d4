"""Receives uploaded files: stored whole and at once, to be staged by a maintenance worker."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from enrichment.models import Release, ReleasePart
from mangaassist import audit

if TYPE_CHECKING:
    from django.contrib.auth.models import User

PART = 1024 * 1024  # bytes
KEPT_FOR = timedelta(days=30)  # without a job

T = TypeVar("T")


def receive(
    name: str, file: BinaryIO, user: User | None = None, mapping: Mapping[str, str] | None = None
) -> tuple[Release, bool]:
    """The release of a file, and whether it is new; all of it is stored, or nothing.

    The same bytes, read with the same mapping, are the same release of a user, unless that one was
    refused. file: seekable; mapping: column → header, where the headers do not tell.
    """
    file.seek(0)
    sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    fingerprint = _fingerprint(sha256, user, mapping or {})
    known = Release.objects.exclude(state=Release.State.REFUSED).filter(fingerprint=fingerprint)
    if found := known.first():
        return _renewed(found), False
    try:
        with transaction.atomic():
            release = Release.objects.create(
                name=_storable(name), sha256=sha256, size=file.seek(0, os.SEEK_END),
                fingerprint=fingerprint, mapping=dict(mapping or {}), created_by=user,
            )  # fmt: skip
            _keep(release, file)
            audit.record(user, "upload", release, after={"name": release.name, "sha256": sha256})
    except IntegrityError:  # The same user uploaded the same file meanwhile.
        if found := known.first():
            return found, False
        raise
    return release, True


def read_again(
    release: Release, mapping: Mapping[str, str], user: User | None = None
) -> Release | None:
    """A release of the same file, read with a mapping; None when the file is not kept any more."""
    if not release.parts.exists():
        return None
    with contents(release) as file:
        return receive(release.name, file, user, mapping)[0]


def forget() -> int:
    """Keeper duty: deletes releases of which nobody made a job in a month; returns how many.

    What waits for a weekly run stays.
    """
    old = Release.objects.filter(jobs=None, weekly=None, created_at__lt=Now() - KEPT_FOR)
    return old.delete()[1].get(Release._meta.label, 0)


@contextmanager
def contents(release: Release) -> Iterator[BinaryIO]:
    """The bytes of a release as a seekable temporary file."""
    with tempfile.TemporaryFile() as file:
        parts = release.parts.order_by("number").values_list("content", flat=True)
        for content in parts.iterator(chunk_size=1):
            file.write(content)
        file.seek(0)
        yield file


def chunks(things: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(things)
    while chunk := list(islice(iterator, size)):
        yield chunk


def _renewed(release: Release) -> Release:
    """Counts the days until it is forgotten from now."""
    Release.objects.filter(pk=release.pk).update(created_at=Now())
    release.refresh_from_db()
    return release


def _fingerprint(sha256: str, user: User | None, mapping: Mapping[str, str]) -> str:
    parts = [sha256, user.pk if user else None, sorted(mapping.items())]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _keep(release: Release, file: BinaryIO) -> None:
    file.seek(0)
    number = 0
    while content := file.read(PART):
        ReleasePart.objects.create(release=release, number=number, content=content)
        number += 1


def _storable(name: str) -> str:
    """A file's name as it fits its column; a name of a file may be no text at all."""
    return name.encode("utf-8", "replace").decode().replace("\x00", "")[-255:]
