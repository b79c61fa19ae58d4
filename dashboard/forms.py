"""What people write into the forms of the dashboard."""

from __future__ import annotations

from django.http import QueryDict

LONGEST = 9  # digits


def number(asked: QueryDict, name: str, default: int, *, lowest: int = 1, highest: int) -> int:
    """A whole number within its limits; the default for anything else."""
    text = asked.get(name, "")
    if not (text.isascii() and text.isdigit() and len(text) <= LONGEST):
        return default
    return min(highest, max(lowest, int(text)))
