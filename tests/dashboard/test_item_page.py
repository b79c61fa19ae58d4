"""The page of one item: what is stored of it, and what the catalogue says."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from dashboard.item_texts import ITEM_WORDS
from enrichment.models import Item
from enrichment.states import State
from mangaassist import catalog
from mangaassist.catalog import Provenance
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
