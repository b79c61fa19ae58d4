"""Calls of DynamoDB outlive what passes, say what does not, and share few connections."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import BotoCoreError, ClientError

from local.fault_proxy import Fault, FaultProxy
from mangaassist import dynamodb, wire
from mangaassist.errors import Misconfigured, Temporary, Throttled, classify
from mangaassist.resources import CATALOG_TABLE
from tests.mangaassist.conftest import Account, before_dynamodb
from tests.stack import Stack

KEY: dict[str, Any] = {CATALOG_TABLE.key: {"S": "B-1"}}


@pytest.fixture
def proxy(provisioned: Account, stack: Stack) -> Iterator[FaultProxy]:
    with before_dynamodb(stack) as proxy:
        yield proxy


def get() -> dict[str, Any]:
    return dynamodb.call("GetItem", TableName=CATALOG_TABLE.name, Key=KEY)


def put(**fields: Any) -> None:
    dynamodb.call("PutItem", TableName=CATALOG_TABLE.name, Item=KEY, **fields)


def test_what_is_written_is_read(provisioned: Account) -> None:
    assert "Item" not in get()
    put()
    assert get()["Item"] == KEY


def test_an_unmet_condition_gives_what_is_stored_and_is_not_tried_again(proxy: FaultProxy) -> None:
    put()
    with pytest.raises(ClientError) as raised:
        put(
            ConditionExpression=f"attribute_not_exists({CATALOG_TABLE.key})",
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )
    response: Any = raised.value.response
    assert response["Error"]["Code"] == "ConditionalCheckFailedException"
    assert response["Item"] == KEY
    assert proxy.calls["PutItem"] == 2


@pytest.mark.parametrize(
    ("fault", "kind", "calls"),
    [
        (Fault.UNAVAILABLE, Temporary, 3),
        (Fault.SERVER_ERROR, Temporary, 3),
        (Fault.RESET, Temporary, 3),
        (Fault.HANG, Temporary, 3),
        (Fault.THROTTLED, Throttled, 3),
        (Fault.DENIED, Misconfigured, 1),
    ],
)
def test_what_may_pass_is_tried_three_times(
    proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch, fault: Fault, kind: type, calls: int
) -> None:
    monkeypatch.setattr(dynamodb, "LONGEST", 0.2)
    proxy.fail(fault)
    with pytest.raises((ClientError, BotoCoreError)) as raised:
        get()
    assert type(classify(raised.value)) is kind
    assert proxy.calls["GetItem"] == calls


def test_a_table_that_is_back_answers_the_next_call(proxy: FaultProxy) -> None:
    proxy.fail(Fault.REFUSE)
    with pytest.raises(BotoCoreError):
        get()
    proxy.heal()
    assert "Item" not in get()


def test_threads_share_connections_that_nobody_uses(provisioned: Account) -> None:
    get()
    before = len(wire._idle)
    with ThreadPoolExecutor(1) as one, ThreadPoolExecutor(1) as another:
        for thread in (one, another, one):
            thread.submit(get).result()
    assert len(wire._idle) == before
