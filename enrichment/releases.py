"""Takes a release file into the database: its titles, which row holds which, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from typing import IO, TYPE_CHECKING, TypeVar

from django.db import transaction

from enrichment.models import Release, ReleaseRow, RowError, Title
from enrichment.uploads import Row, read

if TYPE_CHECKING:
    from django.contrib.auth.models import User

CHUNK = 1_000  # rows per INSERT
DETAILS = [field.name for field in Title._meta.fields if not field.primary_key]

T = TypeVar("T")
