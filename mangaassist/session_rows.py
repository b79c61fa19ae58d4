"""Proves that a process may do its part with the table of chat sessions, on rows of no session."""

from __future__ import annotations

import time
from typing import Any

from mangaassist import dynamodb
from mangaassist.errors import naming
from mangaassist.resources import SESSIONS_TABLE

SESSION = "__canary__"
RESOURCE = f"table {SESSIONS_TABLE.name}"
EXPIRES_AFTER = 3_600  # seconds; not every role may delete what it wrote

_key: Any = {"sessionId": {"S": SESSION}, "turn": {"N": "1"}}


def can_be_kept() -> str:
    """Writes, changes, reads and deletes a row, as the web process does. Raises a Failure."""
    with naming("dynamodb:PutItem", RESOURCE):
        dynamodb.call("PutItem", TableName=SESSIONS_TABLE.name, Item={**_key, **_expiry()})
    can_be_changed()
    with naming("dynamodb:BatchWriteItem", RESOURCE):
        deletes: Any = [{"DeleteRequest": {"Key": _key}}]
        dynamodb.call("BatchWriteItem", RequestItems={SESSIONS_TABLE.name: deletes})
    return "written, changed, read and deleted"


def can_be_changed() -> str:
    """Changes and reads a row, as the workers of the chat do. Raises a Failure."""
    _update()
    with naming("dynamodb:Query", RESOURCE):
        dynamodb.call(
            "Query",
            TableName=SESSIONS_TABLE.name,
            KeyConditionExpression="sessionId = :id",
            ExpressionAttributeValues={":id": {"S": SESSION}},
            ConsistentRead=True,
        )
    return "changed and read"


def can_be_found() -> str:
    """Changes a row and asks the index, as the keeper does. Raises a Failure."""
    _update()
    with naming("dynamodb:Query", f"index owed of {RESOURCE}"):
        dynamodb.call(
            "Query",
            TableName=SESSIONS_TABLE.name,
            IndexName="owed",
            KeyConditionExpression="owed = :kind AND dueAt < :now",
            ExpressionAttributeValues={":kind": {"S": SESSION}, ":now": {"N": "0"}},
        )
    return "changed, and the index was asked"


def _update() -> None:
    with naming("dynamodb:UpdateItem", RESOURCE):
        dynamodb.call(
            "UpdateItem",
            TableName=SESSIONS_TABLE.name,
            Key=_key,
            UpdateExpression="SET expiresAt = :at",
            ExpressionAttributeValues={":at": _expiry()["expiresAt"]},
        )


def _expiry() -> Any:
    return {"expiresAt": {"N": str(int(time.time()) + EXPIRES_AFTER)}}
