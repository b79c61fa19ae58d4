"""What MiniStack does for less is what it did: its rows, its conditions, its sizes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local.clients import aws, make_table
from tests.stack import Stack

TABLE = "lean-test"
KEY = {"id": {"S": "1"}}
LARGEST = 400 * 1024  # bytes of a row


@pytest.fixture
def dynamodb(stack: Stack) -> Iterator[Any]:
    """DynamoDB with one table that has a row."""
    client = aws(stack, "dynamodb", stack.admin)
    make_table(client, TABLE)
    client.put_item(TableName=TABLE, Item=KEY)
    yield client
    client.delete_table(TableName=TABLE)


def update(dynamodb: Any, expression: str, condition: str, **values: Any) -> dict[str, Any]:
    """The row after an update."""
    answer = dynamodb.update_item(
        TableName=TABLE,
        Key=KEY,
        UpdateExpression=expression,
        ConditionExpression=condition,
        ExpressionAttributeValues={f":{name}": value for name, value in values.items()},
        ReturnValues="ALL_NEW",
    )
    return dict(answer["Attributes"])


def row(dynamodb: Any) -> Any:
    return dynamodb.get_item(TableName=TABLE, Key=KEY, ConsistentRead=True)["Item"]


def test_one_expression_serves_many_values(dynamodb: Any) -> None:
    for number in ("1", "2", "3"):
        found = update(dynamodb, "SET n = :n", "attribute_not_exists(n) OR n < :n", n={"N": number})
        assert found == KEY | {"n": {"N": number}}


def test_an_unmet_condition_leaves_the_row(dynamodb: Any) -> None:
    before = {"L": [{"M": {"a": {"S": "b"}}}, {"BOOL": True}, {"NULL": True}]}
    update(dynamodb, "SET l = :l", "attribute_exists(id)", l=before)
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        update(dynamodb, "SET l[0].a = :a", "id = :a", a={"S": "c"})
    assert row(dynamodb) == KEY | {"l": before}


def test_what_is_set_from_another_attribute_stays_when_that_changes(dynamodb: Any) -> None:
    update(dynamodb, "SET a = :m", "attribute_exists(id)", m={"M": {"x": {"N": "1"}}})
    update(dynamodb, "SET b = a, c = :c", "attribute_exists(id)", c={"S": ""})
    after = update(dynamodb, "SET a.x = :two", "attribute_exists(id)", two={"N": "2"})
    assert (after["a"], after["b"]) == ({"M": {"x": {"N": "2"}}}, {"M": {"x": {"N": "1"}}})


@pytest.mark.parametrize("_", ["first", "again"])
def test_a_condition_that_is_none_is_refused_each_time(dynamodb: Any, _: str) -> None:
    with pytest.raises(ClientError, match="Syntax error; token"):
        update(dynamodb, "SET a = :a", "id = = :a", a={"S": "1"})


@pytest.mark.parametrize("value", [{"N": "one"}, {"N": "1e999"}])
def test_a_number_that_is_none_is_refused(dynamodb: Any, value: Any) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        update(dynamodb, "SET a = :a", "attribute_exists(id)", a=value)


def test_numbers_are_stored_as_dynamodb_writes_them(dynamodb: Any) -> None:
    assert update(dynamodb, "SET a = :a", "attribute_exists(id)", a={"N": "01.50"})["a"] == {
        "N": "1.5"
    }


def test_a_row_may_have_so_many_bytes_and_no_more(dynamodb: Any) -> None:
    room = LARGEST - len("id1") - len("text")
    text = "あ" * (room // 3) + "a" * (room % 3)
    dynamodb.put_item(TableName=TABLE, Item=KEY | {"text": {"S": text}})
    with pytest.raises(ClientError, match="Item size has exceeded"):
        dynamodb.put_item(TableName=TABLE, Item=KEY | {"text": {"S": text + "a"}})
