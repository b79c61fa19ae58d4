"""Whether an object keeps the schema of an answer, and in plain words where it does not.

The verdict is that of a JSON Schema validator, at a tenth of its time; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from enrichment.kinds import Field, ListLimits, TextLimits
from enrichment.prompts import Problem

LONGEST_NAME_TOLD = 40  # code points of a property that the model made up


def shape_problems(asked: tuple[Field, ...], values: dict[str, Any]) -> Iterator[Problem]:
    """Every breach of the schema; values are never repeated, for nobody vetted them."""
    names = [field.name for field in asked]
    for name in sorted(set(values).difference(names)):
        told = ascii(name[:LONGEST_NAME_TOLD])
        yield Problem("bad_schema", f"The object has an unknown property: {told}.")
    for field in asked:
        if field.name not in values:
            yield Problem("bad_schema", f"The object lacks {field.name}.")
        elif isinstance(field.limits, TextLimits):
            yield from _text_problems(field.name, field.limits, values[field.name])
        else:
            yield from _list_problems(field.name, field.limits, values[field.name])


def _text_problems(name: str, limits: TextLimits, value: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        yield from _length_problems(name, len(value), "characters", limits.shortest, limits.longest)
    else:
        yield Problem("bad_schema", f"{name} must be a text.")


def _list_problems(name: str, limits: ListLimits, value: Any) -> Iterator[Problem]:
    if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
        yield Problem("bad_schema", f"{name} must be a list of texts.")
        return
    if len(set(value)) < len(value):
        yield Problem("bad_schema", f"{name} has an entry twice.")
    yield from _length_problems(name, len(value), "different entries", limits.fewest, limits.most)
    for place, entry in enumerate(value):
        part = f"{name}[{place}]"
        yield from _length_problems(part, len(entry), "characters", 1, limits.longest_entry)


def _length_problems(name: str, length: int, unit: str, least: int, most: int) -> Iterator[Problem]:
    if length < least:
        yield Problem("too_short", f"{name} has {length} {unit}, at least {least} are needed.")
    elif length > most:
        yield Problem("too_long", f"{name} has {length} {unit}, at most {most} are allowed.")
