"""What a message looks like in SQS: a task's headers and body as one JSON object."""

from __future__ import annotations

import json
from typing import Any

from celery.utils.nodenames import anon_nodename

RawMessage = dict[str, Any]  # as ReceiveMessage returns it

ORIGIN = anon_nodename()  # whom workers name as the sender
MOST_SHOWN = 1_024  # characters of a task's arguments, in its headers
NO_MORE = {"callbacks": None, "errbacks": None, "chain": None, "chord": None}

_json = json.JSONEncoder(separators=(",", ":")).encode


class Unreadable(ValueError):
    """The body of a message is not one that `pack` wrote."""


def pack(message: dict[str, Any]) -> str:
    """Writes a prepared kombu message. Headers that are empty anyway are left out."""
    return _json({
        "headers": {name: value for name, value in message["headers"].items() if value},
        "body": message["body"],
        "content-type": message["content-type"],
        "content-encoding": message["content-encoding"],
    })  # fmt: skip


def pack_call(task: str, identity: str, args: tuple[Any, ...]) -> str:
    """Writes a call of a task as `pack` does what Celery makes of it, for a tenth of its CPU.

    identity: the task's id; args: of JSON's types. In the headers, for logs alone, Celery would cut
    long arguments and show quotes in another way.
    """
    headers = {
        "lang": "py",
        "task": task,
        "id": identity,
        "root_id": identity,
        "timelimit": [None, None],
        "argsrepr": repr(args)[:MOST_SHOWN],
        "kwargsrepr": "{}",
        "origin": ORIGIN,
        "ignore_result": True,  # as `task_ignore_result` says
    }
    return _json({
        "headers": headers,
        "body": _json([args, {}, NO_MORE]),
        "content-type": "application/json",
        "content-encoding": "utf-8",
    })  # fmt: skip


def unpack(raw: RawMessage, queue: str) -> dict[str, Any]:
    """Makes the payload that kombu expects of a message of ReceiveMessage; raises Unreadable."""
    try:
        envelope = json.loads(raw["Body"])
    except ValueError as error:
        raise Unreadable("the body is not JSON") from error
    if not isinstance(envelope, dict) or not isinstance(envelope.get("headers"), dict):
        raise Unreadable("the body is not an object with headers")
    if not isinstance(envelope.get("body"), str):
        raise Unreadable("the task's body is not text")
    envelope["properties"] = {
        "delivery_tag": raw["ReceiptHandle"],
        "delivery_info": {
            "exchange": "",
            "routing_key": queue,
            "sqs_message": {"MessageId": raw["MessageId"], "Attributes": raw["Attributes"]},
        },
    }
    return envelope


def age(raw: RawMessage, now: float) -> float:
    """Seconds since a message was sent. now: Unix time; SQS's clock may be a little ahead."""
    return max(0.0, now - int(raw["Attributes"]["SentTimestamp"]) / 1_000)


def receives(raw: RawMessage) -> int:
    """How often a message has been received, this time included."""
    return int(raw.get("Attributes", {}).get("ApproximateReceiveCount", 1))
