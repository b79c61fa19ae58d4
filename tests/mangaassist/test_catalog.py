"""The write of results against a real table, with IAM enforced."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from mangaassist import aws, canary, catalog, iam, metrics
from mangaassist.catalog import Provenance, Texts, Written
from mangaassist.errors import Misconfigured, Rejected
from mangaassist.metrics.registry import registry
from mangaassist.resources import CATALOG_TABLE, ENRICHMENT_ROLE
from tests.mangaassist.conftest import Account

REGION = "us-east-1"
SYNOPSIS: dict[str, Texts] = {"synopsis": {"ja": "鬼を狩る少年。", "en": "A boy hunts demons."}}
TAGS: dict[str, Texts] = {"tags": {"ja": ["少年", "剣"], "en": ["shonen", "sword"]}}
TITLE = {"titleJp": "鬼滅の刃"}

pytestmark = pytest.mark.usefixtures("provisioned")


def by(item: int, delivery: int = 1) -> Provenance:
    return Provenance(item, delivery, "a-model", "v1", "abc", 120, 340, Decimal("0.00182"))


def enrichment(manga_id: str = "m1") -> dict[str, Any]:
    row = catalog.get(manga_id)
    assert row is not None
    found: dict[str, Any] = row["enrichment"]
    return found


def store(row: dict[str, Any]) -> None:
    """Puts a row as somebody else might."""
    aws.dynamodb().put_item(TableName=CATALOG_TABLE.name, Item={"mangaId": {"S": "m1"}, **row})


def test_a_new_title_gets_its_results_with_their_provenance() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(7, delivery=2))
    entry = enrichment()["synopsis"]
    entry.pop("lastUpdated")
    assert entry == {
        **SYNOPSIS["synopsis"],
        "item": 7,
        "delivery": 2,
        "model": "a-model",
        "promptVersion": "v1",
        "inputHash": "abc",
        "inputTokens": 120,
        "outputTokens": 340,
        "costUsd": Decimal("0.00182"),
    }


def test_a_write_reports_its_types() -> None:
    assert catalog.put("m1", TITLE, SYNOPSIS | TAGS, by(1)) == Written(["synopsis", "tags"], [])


def test_lists_come_back_as_lists() -> None:
    catalog.put("m1", TITLE, TAGS, by(1))
    assert enrichment()["tags"]["ja"] == ["少年", "剣"]


def test_a_title_that_exists_without_results_keeps_its_other_attributes() -> None:
    store({"price": {"N": "500"}})
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    row = catalog.get("m1")
    assert row is not None
    assert (row["price"], row["titleJp"]) == (500, "鬼滅の刃")


@pytest.mark.parametrize("known", [False, True], ids=["new title", "known title"])
def test_an_empty_attribute_is_taken_away(known: bool) -> None:
    store({"price": {"S": "500"}, "note": {"S": "読切"}})
    if known:
        catalog.put("m1", {}, TAGS, by(1))
    catalog.put("m1", {"titleJp": "鬼滅の刃", "price": ""}, SYNOPSIS, by(2))
    row = catalog.get("m1")
    assert row is not None
    assert ("price" in row, row["titleJp"], row["note"]) == (False, "鬼滅の刃", "読切")


def test_a_title_is_described_by_the_newest_item_alone() -> None:
    catalog.put("m1", {"price": "748"}, SYNOPSIS, by(1))
    assert catalog.describe("m1", {"price": "800"}, 3)
    assert not catalog.describe("m1", {"price": "700"}, 2)
    catalog.put("m1", {"price": "700"}, TAGS, by(2))
    row = catalog.get("m1")
    assert row is not None
    assert (row["price"], set(row["enrichment"]) >= {"synopsis", "tags"}) == ("800", True)


def test_an_empty_map_is_filled() -> None:
    store({"enrichment": {"M": {}}})
    assert catalog.put("m1", TITLE, SYNOPSIS, by(1)).types == ["synopsis"]


def test_another_item_leaves_the_other_types_alone() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    catalog.put("m1", TITLE, TAGS, by(2))
    assert (enrichment()["synopsis"]["item"], enrichment()["tags"]["item"]) == (1, 2)


def test_a_second_delivery_of_the_same_item_changes_nothing() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    before = catalog.get("m1")
    again = catalog.put("m1", TITLE, {"synopsis": {"ja": "別の話"}}, by(1, delivery=2))
    assert (again, catalog.get("m1")) == (Written([], ["synopsis"]), before)


def test_a_second_delivery_completes_what_the_first_left_open() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    again = catalog.put("m1", TITLE, SYNOPSIS | TAGS, by(1, delivery=2))
    assert again == Written(["tags"], ["synopsis"])


def test_a_newer_item_replaces_an_older_one() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    catalog.put("m1", {"titleJp": "新しい題"}, {"synopsis": {"ja": "新"}}, by(2))
    row = catalog.get("m1")
    assert row is not None
    assert (row["titleJp"], row["enrichment"]["synopsis"]["ja"]) == ("新しい題", "新")


def test_an_older_item_never_replaces_a_newer_one() -> None:
    catalog.put("m1", TITLE, SYNOPSIS, by(2))
    late = catalog.put("m1", {"titleJp": "古い題"}, {"synopsis": {"ja": "古"}, **TAGS}, by(1))
    row = catalog.get("m1")
    assert row is not None
    assert late == Written(["tags"], ["synopsis"])
    assert (row["titleJp"], row["enrichment"]["synopsis"]["item"]) == ("鬼滅の刃", 2)


def test_plain_text_from_before_there_were_items_is_replaced() -> None:
    store({"enrichment": {"M": {"synopsis": {"S": "old"}}}})
    assert catalog.put("m1", TITLE, SYNOPSIS, by(1)).types == ["synopsis"]


def test_a_map_that_vanishes_between_two_updates_is_made_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    catalog.put("m1", TITLE, TAGS, by(1))
    nested = catalog._nested

    def vanish_first(*arguments: Any) -> Any:
        store({})
        return nested(*arguments)

    monkeypatch.setattr(catalog, "_nested", vanish_first)
    catalog.put("m1", TITLE, SYNOPSIS, by(2))
    assert set(enrichment()) == {"synopsis", "lastUpdated"}


def test_a_row_whose_enrichment_is_no_map_is_left_alone() -> None:
    store({"enrichment": {"S": "broken"}})
    with pytest.raises(Rejected, match="broken_row"):
        catalog.put("m1", TITLE, SYNOPSIS, by(1))


@pytest.mark.parametrize("manga_id", ["", "あ" * 683], ids=["empty", "2049 bytes"])
def test_a_key_that_dynamodb_cannot_take_is_rejected(manga_id: str) -> None:
    with pytest.raises(Rejected, match="bad_key"):
        catalog.put(manga_id, TITLE, SYNOPSIS, by(1))


@pytest.mark.parametrize("known", [False, True], ids=["new title", "known title"])
def test_a_row_over_400_kb_is_rejected_with_a_clear_code(known: bool) -> None:
    if known:
        catalog.put("m1", TITLE, TAGS, by(1))
    with pytest.raises(Rejected, match="item_too_large"):
        catalog.put("m1", TITLE, {"synopsis": {"ja": "あ" * 140_000}}, by(2))


def test_a_title_that_nobody_wrote_is_none() -> None:
    assert catalog.get("nobody") is None


def test_the_worker_may_write_and_read(provisioned: Account) -> None:
    provisioned.act_with(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    assert enrichment()["synopsis"]["item"] == 1


def test_a_policy_with_the_old_table_name_says_what_is_missing(provisioned: Account) -> None:
    provisioned.act_with(stale_policy(provisioned))
    with pytest.raises(Misconfigured, match=r"dynamodb:UpdateItem on table manga-catalog"):
        catalog.put("m1", TITLE, SYNOPSIS, by(1))


def test_after_the_repair_of_the_policy_the_same_write_succeeds(provisioned: Account) -> None:
    provisioned.act_with(stale_policy(provisioned))
    with pytest.raises(Misconfigured):
        catalog.put("m1", TITLE, SYNOPSIS, by(1))
    provisioned.act_with(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    assert catalog.put("m1", TITLE, SYNOPSIS, by(1)).types == ["synopsis"]


def test_a_policy_without_reading_says_so(provisioned: Account) -> None:
    provisioned.act_with(stale_policy(provisioned))
    with pytest.raises(Misconfigured, match=r"dynamodb:GetItem on table manga-catalog"):
        catalog.get("m1")


def stale_policy(account: Account) -> dict[str, Any]:
    """The worker's policy from before the table had its name."""
    policy = json.dumps(iam.policy(ENRICHMENT_ROLE, REGION, account.number))
    stale: dict[str, Any] = json.loads(policy.replace("manga-catalog", "manga-products"))
    return stale


def test_a_missing_table_says_what_makes_it() -> None:
    aws.dynamodb().delete_table(TableName=CATALOG_TABLE.name)
    with pytest.raises(Misconfigured, match=r"Create table manga-catalog"):
        catalog.put("m1", TITLE, SYNOPSIS, by(1))


def test_many_rows_are_read_at_once_and_missing_ones_are_absent() -> None:
    for number in range(3):
        catalog.put(f"m{number}", TITLE, TAGS, by(item=number))
    found = catalog.get_many(["m0", "m2", "m9"])
    assert set(found) == {"m0", "m2"}
    assert found["m0"] == catalog.get("m0")


def test_no_title_is_no_call() -> None:
    assert catalog.get_many([]) == {}


def test_reading_many_without_permission_names_it(provisioned: Account) -> None:
    provisioned.act_with(iam.policy(ENRICHMENT_ROLE, REGION, provisioned.number))
    with pytest.raises(Misconfigured, match="dynamodb:BatchGetItem on table manga-catalog"):
        catalog.get_many(["m1"])


def test_a_write_is_counted_unless_it_only_tests_the_table() -> None:
    registry.take()
    canary.write(canary.stamp())
    catalog.put("m1", TITLE, SYNOPSIS, by(1))
    writes = [one.values for one in registry.take() if one.metric is metrics.CATALOG_WRITES]
    assert writes == [[1]]


def test_canaries_of_workers_that_start_together_are_no_stale_writes() -> None:
    registry.take()
    for number in (2, 1):
        canary.write(number)
    assert canary.written(2)
    assert metrics.STALE_WRITES not in {one.metric for one in registry.take()}
