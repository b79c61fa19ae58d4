"""What the catalogue holds of an item's title, for people to read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from enrichment.kinds import Field, fields
from enrichment.models import Item, Job
from mangaassist import catalog

ABSENT = "not in the catalogue"


def results(item: Item) -> list[tuple[Field, str]]:
    """Every enrichment that the item's job asked for, as one line. Raises like `catalog.get`."""
    enrichment = (catalog.get(item.title_id) or {}).get("enrichment", {})
    return [
        (field, line(enrichment.get(field.kind, {}).get(field.language, ABSENT)))
        for field in fields(item.job.kinds, item.job.languages)
    ]


def texts(row: Mapping[str, Any], job: Job) -> dict[str, str | list[str]]:
    """What a catalogue row holds of the fields that a job asked for, by field name."""
    enrichment = row.get("enrichment", {})
    return {
        field.name: enrichment[field.kind][field.language]
        for field in fields(job.kinds, job.languages)
        if field.language in enrichment.get(field.kind, {})
    }


def line(value: str | list[str]) -> str:
    """A text, or a list of them, as one line."""
    return value if isinstance(value, str) else " · ".join(value)
