"""A job's titles with their states and results, as CSV for spreadsheets or as JSON lines."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from asgiref.sync import sync_to_async

from enrichment.kinds import fields
from enrichment.models import Item, Job
from enrichment.results import texts
from mangaassist import catalog

PAGE = 100  # items; DynamoDB gives as many rows at once
BOM = "\ufeff"  # Without it Excel takes UTF-8 for CP932.
STARTS_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
FACTS = ("id", "titleJp", "state", "code", "message")


@dataclass(frozen=True)
class Line:
    """One item with what the catalogue holds of its title, by field name."""

    item: Item
    results: dict[str, str | list[str]]

    def facts(self) -> dict[str, str]:
        item = self.item
        values = (item.title_id, item.title.title_jp, item.state, item.code, item.message)
        return dict(zip(FACTS, values, strict=True))


class Export:
    """The text of one job, a page at a time, so that memory does not grow with the job.

    The first page is read at once, so that what is denied fails before anything was sent. Raises
    like `catalog.get_many`.
    """

    media_type: ClassVar[str]

    def __init__(self, job: Job) -> None:
        self.job = job
        self.columns = [field.name for field in fields(job.kinds, job.languages)]
        self._first = self._page(after=0)

    async def chunks(self) -> AsyncIterator[str]:
        page = self._first
        yield self.head() + self.text(page)
        while len(page) == PAGE:
            page = await sync_to_async(self._page)(page[-1].item.pk)
            yield self.text(page)

    def head(self) -> str:
        """What comes before the first line."""
        raise NotImplementedError

    def text(self, page: Sequence[Line]) -> str:
        raise NotImplementedError

    def _page(self, after: int) -> list[Line]:
        items = self.job.items.filter(pk__gt=after).select_related("title").order_by("pk")[:PAGE]
        rows = catalog.get_many([item.title_id for item in items])
        return [Line(item, texts(rows.get(item.title_id, {}), self.job)) for item in items]


class CsvExport(Export):
    """UTF-8 that Excel recognises; entries of a list are joined, and no value is a formula."""

    media_type = "text/csv"

    def head(self) -> str:
        return BOM + csv_text([[*FACTS, *self.columns]])

    def text(self, page: Sequence[Line]) -> str:
        return csv_text(
            [
                *line.facts().values(),
                *(_joined(line.results.get(name, "")) for name in self.columns),
            ]
            for line in page
        )


class JsonExport(Export):
    """One object a line, with the results of the item's title as they are."""

    media_type = "application/jsonl"

    def head(self) -> str:
        return ""

    def text(self, page: Sequence[Line]) -> str:
        objects = ({**line.facts(), "results": line.results} for line in page)
        return "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in objects)


EXPORTS: dict[str, type[Export]] = {"csv": CsvExport, "jsonl": JsonExport}


def harmless(value: str) -> str:
    """The value as a spreadsheet shows it instead of running it as a formula."""
    return f"'{value}" if value.startswith(STARTS_FORMULA) else value


def _joined(value: str | list[str]) -> str:
    return value if isinstance(value, str) else "、".join(value)


def csv_text(rows: Iterable[Iterable[str]]) -> str:
    """Lines of CSV that a spreadsheet shows and does not run."""
    text = io.StringIO()
    csv.writer(text).writerows([harmless(value) for value in row] for row in rows)
    return text.getvalue()
