"""What a row of a release would do to the titles that are there."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import TextChoices

OFFER = frozenset({"volumes", "price", "availability"})  # details of which no text is made


class Change(TextChoices):
    """What a row would do to the titles that are there."""

    NEW = "new"
    CHANGED = "changed"
    OFFER = "offer"  # changed in OFFER alone
    UNCHANGED = "unchanged"


def usual_changes() -> list[str]:
    """Of which rows texts are written, unless somebody wishes otherwise."""
    return [change.value for change in Change if change != Change.OFFER]


def judge(row: Mapping[str, str | None], known: Mapping[str, str | None] | None) -> Change:
    """row: details as a row has them; known: those of its title, None if there is none."""
    if known is None:
        return Change.NEW
    said = {name: value for name, value in row.items() if value is not None}
    if any((known[name] or "") != said[name] for name in said.keys() - OFFER):
        return Change.CHANGED
    # To clear what nobody has told us of is a change: the catalogue may have it from others.
    offer = any(known[name] != said[name] for name in said.keys() & OFFER)
    return Change.OFFER if offer else Change.UNCHANGED
