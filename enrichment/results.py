"""What the catalogue holds of an item's title, for people to read."""

from __future__ import annotations

from enrichment.kinds import Field, fields
from enrichment.models import Item
from mangaassist import catalog

ABSENT = "not in the catalogue"


def results(item: Item) -> list[tuple[Field, str]]:
    """Every enrichment that the item's job asked for, as one line. Raises like `catalog.get`."""
    enrichment = (catalog.get(item.title_id) or {}).get("enrichment", {})
    return [
        (field, _line(enrichment.get(field.kind, {}).get(field.language, ABSENT)))
        for field in fields(item.job.kinds, item.job.languages)
    ]


def _line(value: str | list[str]) -> str:
    return value if isinstance(value, str) else " · ".join(value)
