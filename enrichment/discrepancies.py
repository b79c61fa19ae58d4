"""What an item and its catalogue row say against each other."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from decimal import Decimal
from typing import Any

from enrichment.findings import Discrepancy
from enrichment.states import ADOPTABLE, State
from mangaassist import catalog

Row = Mapping[str, Any]

# What a repair of it costs nothing: the item is sent again, or what it wrote is taken over.
FREE = frozenset({Discrepancy.LOST_MESSAGE, Discrepancy.LOST_STATUS})


def judge(item: int, state: str, kinds: Collection[str], row: Row | None) -> Discrepancy | None:
    """None when both agree; what a newer item has written over is no discrepancy.

    kinds: that the item was to write, none if it was to describe the title alone; row: as
    `catalog.get` gives it, None if there is none.
    """
    if state == State.DONE and any(writer < item for writer in writers(kinds, row)):
        return Discrepancy.LOST_WRITE
    if state in ADOPTABLE and wrote(item, kinds, row):
        return Discrepancy.LOST_STATUS
    return None


def wrote(item: int, kinds: Collection[str], row: Row | None) -> bool:
    """Whether the item has written its kinds, though newer items may have written over some."""
    found = writers(kinds, row)
    return item in found and all(writer >= item for writer in found)


def writers(kinds: Collection[str], row: Row | None) -> list[int]:
    """Which item wrote each kind, or the description if there are none; 0 where none did."""
    if not kinds:
        return [_writer((row or {}).get(catalog.DESCRIBED_BY))]
    enrichment = _map((row or {}).get("enrichment"))
    return [_writer(_map(enrichment.get(kind)).get("item")) for kind in kinds]


def _map(value: Any) -> Mapping[str, Any]:
    """Texts from before there were items, and rows that somebody broke by hand, are no maps."""
    return value if isinstance(value, dict) else {}


def _writer(item: Any) -> int:
    return int(item) if isinstance(item, int | Decimal) else 0
