"""Release files of any size, made from the sample's real titles."""

from __future__ import annotations

import csv
from itertools import count, cycle
from pathlib import Path
from types import SimpleNamespace

from local.demo import SAMPLE

Row = dict[str, str]
COLUMNS = {
    "id": "id", "title_jp": "titleJp", "title_kana": "titleKana", "creator": "creator",
    "original_creator": "originalCreator", "first_published": "firstPublished", "note": "note",
}  # fmt: skip


def record_of(row: Row) -> SimpleNamespace:
    """What a prompt can be made of, without a database."""
    return SimpleNamespace(**{field: row[column] for field, column in COLUMNS.items()})


class Releases:
    """Makes titles of which no two share an id, so that each is new work."""

    def __init__(self) -> None:
        with SAMPLE.open(encoding="utf-8", newline="") as file:
            self._titles = cycle(list(csv.DictReader(file)))
        self._numbers = count(1)

    def titles(self, size: int) -> list[Row]:
        """So many rows by column name, each id with a suffix of its own."""
        chosen = (next(self._titles) for _ in range(size))
        return [{**row, "id": f"{row['id']}-{next(self._numbers)}"} for row in chosen]

    def write(self, path: Path, size: int) -> Path:
        """Writes a release of so many titles as CSV in UTF-8."""
        titles = self.titles(size)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(titles[0]))
            writer.writeheader()
            writer.writerows(titles)
        return path
