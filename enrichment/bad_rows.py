"""The errors of a release in groups, as people repair them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Min

from enrichment.models import Release, RowError
from enrichment.uploads import messages


@dataclass(frozen=True)
class Group:
    """Rows with the same error in the same column; `first` is the first of these errors.

    taken: whether the rows are, without that value.
    """

    code: str
    field: str
    taken: bool
    count: int
    rows: list[int]  # the first numbers
    first: RowError

    def headline(self, language: str) -> str:
        """The code in a few words."""
        return messages.headline(self.code, language)


def groups(release: Release, examples: int) -> list[Group]:
    """Of bad rows first, and the most frequent; each with so many row numbers at most."""
    found = (
        release.errors.values("code", "field", "taken")
        .annotate(count=Count("number", distinct=True), first=Min("pk"))
        .order_by("taken", "-count", "code", "field")
    )
    errors = RowError.objects.select_related("release")
    firsts = errors.in_bulk([group["first"] for group in found])
    return [
        Group(
            group["code"],
            group["field"],
            group["taken"],
            group["count"],
            _rows(release, group, examples),
            firsts[group["first"]],
        )
        for group in found
    ]


def _rows(release: Release, group: Mapping[str, Any], most: int) -> list[int]:
    same = {name: group[name] for name in ("code", "field", "taken")}
    numbers = release.errors.filter(**same).order_by("number", "pk")
    return list(numbers.values_list("number", flat=True)[:most])
