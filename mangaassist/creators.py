"""Who made a title, out of the one cell that names them all."""

from __future__ import annotations

import re

# Each perhaps with what he did: `[原作]大和田 / [画]川上`.
BETWEEN = re.compile(r"\[[^\]]*\]|\([^)]*\)|[、,，;；/／]")


def creators(cell: str) -> list[str]:
    """The names of people in a cell, in its order."""
    parts = (part.strip() for part in BETWEEN.split(cell))
    return [part for part in parts if part]
