"""The page of one item: what is stored of it, and what the catalogue says."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from dashboard.item_page import deliveries
from dashboard.item_texts import ITEM_WORDS
from enrichment.database import STORE
from enrichment.models import Item
from enrichment.states import State
from enrichment.store import Message, Outcome, Usage
from mangaassist import catalog
from mangaassist.catalog import Provenance
from mangaassist.language import Language
from tests.enrichment.conftest import account, provisioned
from tests.enrichment.factories import job_of
from tests.mangaassist.conftest import Account

__all__ = ["account", "provisioned"]


def page(client: Client, item: Item) -> str:
    return client.get(reverse("dashboard:item", args=[item.pk]), {"lang": "en"}).text


def put(item: Item, writer: int) -> None:
    made = Provenance(writer, 2, "haiku", "titles-v1", "abc", 900, 300, Decimal("0.0024"))
    catalog.put(item.title_id, {"titleJp": "猫"}, {"synopsis": {"ja": "猫の話。"}}, made)


@pytest.fixture
def item(provisioned: Account, viewer: User) -> Item:
    job = job_of(State.DONE, tries=3, delivery=4, worker="host:1", input_tokens=900)
    return job.items.get()


def test_what_is_stored_is_shown(client: Client, item: Item) -> None:
    facts = dict(re.findall(r'row">([^<]+)</th><td class="number">([^<]+)', page(client, item)))
    assert facts["Deliveries"] == "4"
    assert facts["Tries counted as failed"] == "3"
    assert facts["Worker"] == "host:1"
    assert facts["Input tokens"] == "900"
    assert "Not sent before" not in facts


def test_an_item_without_texts_says_so(client: Client, item: Item) -> None:
    assert ITEM_WORDS["offer_only"].en not in page(client, item)
    Item.objects.update(offer_only=True)
    assert ITEM_WORDS["offer_only"].en in page(client, item)


def test_the_catalogue_is_read_back_with_its_writer(client: Client, item: Item) -> None:
    assert page(client, item).count(ITEM_WORDS["absent"].en) == 2
    put(item, item.pk)
    text = page(client, item)
    assert "<h4>synopsis (Japanese)</h4>" in text
    assert "猫の話。" in text
    assert ITEM_WORDS["mine"].en in text
    assert "inputTokens 900" in text
    put(item, item.pk + 1)
    assert ITEM_WORDS["other"].en in page(client, item)


def test_a_catalogue_that_cannot_be_read_leaves_the_rest(
    client: Client, item: Item, account: Account
) -> None:
    other = {"Effect": "Allow", "Action": "sqs:ListQueues", "Resource": "*"}
    account.act_with({"Version": "2012-10-17", "Statement": [other]})
    text = page(client, item)
    assert ITEM_WORDS["unread"].en in text
    assert "Deliveries" in text


def deliver(item: Item, state: State, code: str = "", tries: int = 0, cost: str = "0.001") -> None:
    """One delivery of an item, as a worker makes it."""
    Item.objects.filter(pk=item.pk).update(state=State.PENDING, not_before=None)
    [send] = STORE.dispatch(item.job_id, 1)
    STORE.claim(item.pk, send.delivery, "host:1", Message(f"message-{send.delivery}", 2))
    used = Usage(1, 900, 300, Decimal(cost), f"request-{send.delivery}")
    STORE.settle(item.pk, send.delivery, Outcome(state, code, "why", tries=tries, usage=used))


def test_each_try_is_shown_with_its_own_message_request_and_cost(
    client: Client, viewer: User, provisioned: Account
) -> None:
    item = job_of(State.PENDING).items.get()
    deliver(item, State.PENDING, "timeout", tries=1, cost="0.001")
    deliver(item, State.FAILED, "bad_answer", tries=1, cost="0.002")
    deliver(item, State.DONE, cost="0.004")
    assert item.failed_deliveries.count() == 2
    item.refresh_from_db()
    shown = list(deliveries(item, Language.EN))
    assert [(one.row.delivery, one.result, one.request_id) for one in shown] == [
        (1, "timeout", "request-1"), (2, "bad_answer", "request-2"), (3, "done", "request-3"),
    ]  # fmt: skip
    assert [str(one.cost.normalize()) for one in shown] == ["0.001", "0.002", "0.004"]
    assert {one.calls for one in shown} == {1}
    text = page(client, item)
    assert all(f"<code>message-{number}</code> (2)" in text for number in (1, 2, 3))


@pytest.mark.django_db
def test_a_delivery_that_no_worker_has_yet_is_not_shown_with_what_the_one_before_it_did() -> None:
    item = job_of(State.PENDING).items.get()
    deliver(item, State.PENDING, "timeout", tries=1)
    Item.objects.update(not_before=None)
    STORE.dispatch(item.job_id, 1)
    item.refresh_from_db()
    assert [one.row.delivery for one in deliveries(item, Language.EN)] == [1]


def test_what_succeeds_at_once_writes_no_row_beside_its_item(
    viewer: User, provisioned: Account
) -> None:
    item = job_of(State.PENDING).items.get()
    with CaptureQueriesContext(connection) as queries:
        deliver(item, State.DONE)
    assert not any("faileddelivery" in query["sql"] for query in queries)
