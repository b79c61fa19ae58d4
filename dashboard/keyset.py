"""Pages of a list by key, newest first: the last is as fast as the first, no row comes twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.core.exceptions import BadRequest
from django.db.models import Model, QuerySet

from enrichment.api.queries import KEY

M = TypeVar("M", bound=Model)


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows, and the queries of the pages beside them, empty where there is none."""

    rows: list[M]
    newer: str
    older: str


def page(rows: QuerySet[M], query: Mapping[str, str], size: int) -> Page[M]:
    """The page that `before` or `after` of a query asks for. Raises BadRequest for no key."""
    before, after = _key(query, "before"), _key(query, "after")
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more_newer, more_older = len(found) > size, True
        found = found[:size][::-1]
    else:
        older = rows if before is None else rows.filter(pk__lt=before)
        found = list(older.order_by("-pk")[: size + 1])
        more_newer, more_older = before is not None, len(found) > size
        found = found[:size]
    return Page(
        found,
        f"after={found[0].pk}" if found and more_newer else "",
        f"before={found[-1].pk}" if found and more_older else "",
    )


def _key(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not KEY.fullmatch(text):
        raise BadRequest(f"{name} is no key.")
    return int(text)
