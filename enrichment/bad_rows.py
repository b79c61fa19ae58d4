"""The errors of a release in groups, as people repair them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Min

from enrichment.models import Release, RowError
from enrichment.uploads import messages


@dataclass(frozen=True)
class Group:
    """Bad rows with the same error in the same column; `first` is the first of these errors."""

    code: str
    field: str
    count: int
    rows: list[int]  # the first numbers
    first: RowError

    def headline(self, language: str) -> str:
        """The code in a few words."""
        return messages.headline(self.code, language)


def groups(release: Release, examples: int) -> list[Group]:
    """Most frequent first, each with so many row numbers at most."""
    found = (
        release.errors.values("code", "field")
        .annotate(count=Count("number", distinct=True), first=Min("pk"))
        .order_by("-count", "code", "field")
    )
    errors = RowError.objects.select_related("release")
    firsts = errors.in_bulk([group["first"] for group in found])
    return [
        Group(
            group["code"],
            group["field"],
            group["count"],
            _rows(release, group["code"], group["field"], examples),
            firsts[group["first"]],
        )
        for group in found
    ]


def _rows(release: Release, code: str, field: str, most: int) -> list[int]:
    numbers = release.errors.filter(code=code, field=field).order_by("number", "pk")
    return list(numbers.values_list("number", flat=True)[:most])
