"""What a row of a release would do to the titles that are there and their texts."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum, auto

from django.db.models import TextChoices

OFFER = frozenset({"volumes", "price", "availability"})  # details of which no text is made


class Change(TextChoices):
    """What a row would do to the titles that are there and their texts."""

    NEW = "new"  # its title was never written about
    CHANGED = "changed"  # since its text was written
    OFFER = "offer"  # changed in OFFER alone
    UNCHANGED = "unchanged"


class Text(Enum):
    """What a title has of texts, whichever kinds."""

    NONE = auto()
    OLD = auto()  # The last job about it failed, or was withdrawn.
    CURRENT = auto()  # or is on its way


def usual_changes() -> list[str]:
    """Of which rows texts are written, unless somebody wishes otherwise: those that want one."""
    return [Change.NEW.value, Change.CHANGED.value]


def judge(
    row: Mapping[str, str | None], known: Mapping[str, str | None] | None, text: Text
) -> Change:
    """row: details as a row has them; known, text: those of its title, None if there is none."""
    if known is None or text is Text.NONE:
        return Change.NEW
    if text is Text.OLD:
        return Change.CHANGED
    said = {name: value for name, value in row.items() if value is not None}
    if any((known[name] or "") != said[name] for name in said.keys() - OFFER):
        return Change.CHANGED
    # To clear what nobody has told us of is a change: the catalogue may have it from others.
    offer = any(known[name] != said[name] for name in said.keys() & OFFER)
    return Change.OFFER if offer else Change.UNCHANGED
