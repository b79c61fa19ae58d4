"""What a command says when its database does not answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management.base import CommandError
from django.db import DatabaseError, InterfaceError


@contextmanager
def asking() -> Iterator[None]:
    """Raises the database's errors of a block as a CommandError of one line."""
    try:
        yield
    except (DatabaseError, InterfaceError) as error:
        cause = " ".join(str(error).split())
        raise CommandError(f"The database cannot be asked: {cause}") from error
