"""A job as a file: complete, readable, and harmless in a spreadsheet."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from decimal import Decimal

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from enrichment import export
from enrichment.export import EXPORTS, harmless
from enrichment.models import Item, Job, Title
from mangaassist import catalog
from mangaassist.catalog import Texts
from mangaassist.errors import Misconfigured
from tests.enrichment.factories import make_job
from tests.mangaassist.conftest import Account

pytestmark = pytest.mark.django_db(transaction=True)


def text(job: Job, format: str) -> str:
    async def whole() -> str:
        chunks = [chunk async for chunk in exported.chunks()]
        await sync_to_async(connections.close_all)()  # Those of the thread which reads the pages.
        return "".join(chunks)

    exported = EXPORTS[format](job)
    return asyncio.run(whole())


def enrich(item: Item) -> None:
    source = catalog.Provenance(item.pk, 1, "m", "v", "h", 1, 1, Decimal(0))
    results: dict[str, Texts] = {"synopsis": {"ja": "あらすじ"}, "tags": {"ja": ["猫", "探偵"]}}
    catalog.put(item.title_id, {}, results, source)


@pytest.fixture
def job(provisioned: Account) -> Job:
    job = make_job(titles=3)
    for item in job.items.order_by("pk")[:2]:
        enrich(item)
    return job


def test_a_csv_has_a_row_for_every_title(job: Job) -> None:
    rows = list(csv.DictReader(io.StringIO(text(job, "csv").removeprefix("\ufeff"))))
    assert [row["id"] for row in rows] == list(
        job.items.order_by("pk").values_list("title", flat=True)
    )
    assert [row["tags_ja"] for row in rows] == ["猫、探偵", "猫、探偵", ""]


def test_excel_recognises_the_encoding(job: Job) -> None:
    assert text(job, "csv").startswith("\ufeffid,titleJp,state,code,message,synopsis_ja,tags_ja")


def test_json_lines_have_the_results_as_they_are(job: Job) -> None:
    first, _, last = map(json.loads, text(job, "jsonl").splitlines())
    assert first["results"]["tags_ja"] == ["猫", "探偵"]
    assert last["results"] == {}


@pytest.mark.parametrize("format", EXPORTS)
def test_every_page_is_there_once(job: Job, format: str, monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = text(job, format)
    for page in (1, 2, 3):
        monkeypatch.setattr(export, "PAGE", page)
        assert text(job, format) == at_once


def test_a_title_that_looks_like_a_formula_is_shown_as_text(job: Job) -> None:
    Title.objects.update(title_jp='=HYPERLINK("http://x")')
    rows = list(csv.reader(io.StringIO(text(job, "csv"))))
    assert {row[1] for row in rows[1:]} == {'\'=HYPERLINK("http://x")'}


@pytest.mark.parametrize(
    "start", ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"]
)
def test_what_a_spreadsheet_could_run_is_quoted(start: str) -> None:
    assert harmless(f"{start}1") == f"'{start}1"


@pytest.mark.parametrize("value", ["", "猫", "a=1", "1-1"])
def test_other_values_stay_as_they_are(value: str) -> None:
    assert harmless(value) == value


def test_what_is_denied_fails_before_anything_is_sent(account: Account) -> None:
    job = make_job()
    with pytest.raises(Misconfigured, match="dynamodb:BatchGetItem"):
        EXPORTS["csv"](job)
