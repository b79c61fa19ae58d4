"""What people write into the forms of the dashboard."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import BadRequest
from django.http import QueryDict

LONGEST = 9  # digits


def number(asked: QueryDict, name: str, default: int, *, lowest: int = 1, highest: int) -> int:
    """A whole number within its limits; the default for anything else."""
    text = asked.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        return default
    return min(highest, max(lowest, int(text)))


def plain(text: str) -> str:
    """The text as it is. Raises BadRequest for a NUL, which no text in the database can hold."""
    if "\0" in text:
        raise BadRequest("There is a NUL in it.")
    return text


def once(asked: QueryDict) -> UUID:
    """The form's own number, by which a double click is known. Raises BadRequest."""
    try:
        return UUID(asked.get("once", ""))
    except ValueError as error:
        raise BadRequest("The form has no number.") from error
