"""The rows of the table of chat sessions: each call of DynamoDB that the chat makes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from chat import owed
from chat.turns import Exchange, Row, State, Turn, exchange, milliseconds, question_of
from mangaassist import dynamodb, metrics
from mangaassist.errors import Throttled, naming
from mangaassist.resources import SESSIONS_TABLE

TABLE = SESSIONS_TABLE.name
RESOURCE = f"table {TABLE}"
KEPT = timedelta(hours=24)  # then DynamoDB deletes a row; a session that goes on loses its oldest
PAGE = 20  # rows that one read brings
BATCH = 25  # deletes that DynamoDB takes in one call
ROUNDS = 8  # calls until what DynamoDB left of a batch is given back as Throttled

_serialize = TypeSerializer().serialize
_deserialize = TypeDeserializer().deserialize


class Unmet(Exception):
    """A condition was not met. row: what is stored instead, None for nothing."""

    def __init__(self, row: Exchange | None) -> None:
        super().__init__("The row is not as it was expected.")
        self.row = row


def newest_first(session_id: str) -> Iterator[Exchange]:
    """All exchanges, read page by page as they are used. Raises a Failure."""
    start: Any = None
    while start != {}:
        with _counted("dynamodb:Query"):
            answer = dynamodb.call(
                "Query",
                TableName=TABLE,
                KeyConditionExpression="sessionId = :id",
                ExpressionAttributeValues={":id": {"S": session_id}},
                ConsistentRead=True,
                ScanIndexForward=False,
                Limit=PAGE,
                **({"ExclusiveStartKey": start} if start else {}),
            )
        yield from map(_exchange, answer["Items"])
        start = answer.get("LastEvaluatedKey", {})


def put(session_id: str, question: Turn) -> bool:
    """Stores a question; says whether it did: another message may have its number."""
    due = owed.opened(question.at)
    row: Row = {
        "sessionId": session_id,
        "turn": question.number,
        "messageId": question.message_id,
        "text": question.text,
        "language": question.language,
        "state": State.OPEN,
        "at": milliseconds(question.at),
        "expiresAt": int((question.at + KEPT).timestamp()),
        "owed": due.kind,
        "dueAt": due.at,
    }
    with _counted("dynamodb:PutItem"):
        try:
            dynamodb.call(
                "PutItem",
                TableName=TABLE,
                Item=_item(row),
                ConditionExpression="attribute_not_exists(turn)",
            )
        except ClientError as error:
            if not _is_unmet(error):
                raise
            return False
    return True


def change(session_id: str, number: int, update: str, condition: str, values: Row) -> Exchange:
    """Changes the row of a turn and returns it. Raises Unmet, or a Failure."""
    names = {"#state": "state", "#text": "text"}  # words that DynamoDB keeps for itself
    used = {short: name for short, name in names.items() if short in update + condition}
    naming_them: Any = {"ExpressionAttributeNames": used} if used else {}
    with _counted("dynamodb:UpdateItem"):
        try:
            answer = dynamodb.call(
                "UpdateItem",
                TableName=TABLE,
                Key=_item({"sessionId": session_id, "turn": question_of(number)}),
                UpdateExpression=update,
                ConditionExpression=condition,
                ExpressionAttributeValues=_item(values),
                ReturnValues="ALL_NEW",
                ReturnValuesOnConditionCheckFailure="ALL_OLD",
                **naming_them,
            )
        except ClientError as error:
            if not _is_unmet(error):
                raise
            row: Any = error.response.get("Item")
            raise Unmet(row and _exchange(row)) from error
    return _exchange(answer["Attributes"])


def keys(session_id: str) -> list[Any]:
    """Up to 25 keys of the rows of a session, as `delete` takes them. Raises a Failure."""
    with _counted("dynamodb:Query"):
        answer = dynamodb.call(
            "Query",
            TableName=TABLE,
            KeyConditionExpression="sessionId = :id",
            ExpressionAttributeValues={":id": {"S": session_id}},
            ProjectionExpression="sessionId, turn",
            ConsistentRead=True,
            Limit=BATCH,
        )
    found: list[Any] = answer["Items"]
    return found


def delete(keys: list[Any]) -> None:
    """Deletes up to 25 rows. Raises a Failure, Throttled when DynamoDB leaves some."""
    requests: Any = [{"DeleteRequest": {"Key": key}} for key in keys]
    for _ in range(ROUNDS):
        with _counted("dynamodb:BatchWriteItem"):
            answer = dynamodb.call("BatchWriteItem", RequestItems={TABLE: requests})
        requests = answer.get("UnprocessedItems", {}).get(TABLE, [])
        if not requests:
            return
    raise Throttled("unprocessed_keys", f"{RESOURCE} did not delete all rows of a batch.")


@contextmanager
def _counted(action: str) -> Iterator[None]:
    """Raises AWS errors as Failures, and counts throttles."""
    try:
        with naming(action, RESOURCE):
            yield
    except Throttled:
        metrics.DYNAMO_THROTTLES.record(Table=TABLE)
        raise


def _is_unmet(error: ClientError) -> bool:
    return error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def _item(row: Row) -> Any:
    return {name: _serialize(value) for name, value in row.items()}


def _exchange(item: Any) -> Exchange:
    return exchange({name: _deserialize(value) for name, value in item.items()})
