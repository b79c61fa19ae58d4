"""Messages that are no tasks: each ends among the dead letters and the worker lives on."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mangaassist.broker.envelope import Unreadable, pack, receives, unpack
from tests.mangaassist.broker.conftest import TASKS, Publish, StartWorker, WorkQueue


def envelope(headers: Any, body: Any = '[["a"], {}, {}]', kind: str = "application/json") -> str:
    return json.dumps(
        {"headers": headers, "body": body, "content-type": kind, "content-encoding": "utf-8"}
    )


NOTE = {"task": f"{TASKS}.note", "id": "1"}
POISON = {
    "no JSON": "これは何",
    "no object": "[1, 2]",
    "an empty object": "{}",
    "headers that are a list": envelope(["task"]),
    "headers without a task": envelope({"id": "1"}),
    "headers without an id": envelope({"task": f"{TASKS}.note"}),
    "an unknown task": envelope({"task": "nobody.knows", "id": "1"}),
    "an unknown task without an id": envelope({"task": "nobody.knows"}),
    "a body that is no text": envelope(NOTE, 7),
    "a body that is no JSON": envelope(NOTE, "[["),
    "a body without arguments": envelope(NOTE, "7"),
    "arguments that do not fit": envelope(NOTE, "[[1, 2, 3], {}, {}]"),
    "a pickle": envelope(NOTE, "gASVBQ==", "application/x-python-serialize"),
    "an unknown compression": envelope(NOTE | {"compression": "magic"}),
    "a senseless time": envelope(NOTE | {"eta": "yesterday"}),
}


def test_poison_ends_among_the_dead_letters(queue: WorkQueue, start_worker: StartWorker) -> None:
    for body in POISON.values():
        queue.send(body)
    start_worker(queue)
    dead = {queue.dead_letter() for _ in POISON}
    assert {name for name, body in POISON.items() if body not in dead} == set()


def test_a_worker_goes_on_after_poison(
    queue: WorkQueue, publish: Publish, start_worker: StartWorker
) -> None:
    for body in POISON.values():
        queue.send(body)
    publish("note", "good")
    start_worker(queue)
    assert queue.next("done") == "good"


def received(body: str) -> dict[str, Any]:
    attributes = {"ApproximateReceiveCount": "3"}
    return {"Body": body, "MessageId": "m", "ReceiptHandle": "r", "Attributes": attributes}


def test_what_is_packed_can_be_unpacked() -> None:
    message = {
        "headers": {"task": "t", "id": "1", "shadow": None},
        "body": "[]",
        "content-type": "application/json",
        "content-encoding": "utf-8",
        "properties": {},
    }
    payload = unpack(received(pack(message)), "q.fifo")
    assert (payload["headers"], payload["body"]) == ({"task": "t", "id": "1"}, "[]")


def test_a_payload_tells_its_receipt_and_queue() -> None:
    properties = unpack(received(envelope(NOTE)), "q.fifo")["properties"]
    assert (properties["delivery_tag"], properties["delivery_info"]["routing_key"]) == (
        "r",
        "q.fifo",
    )


@pytest.mark.parametrize("body", ["", "{", "null", "[]", "{}", '{"headers": {}}'])
def test_other_bodies_are_unreadable(body: str) -> None:
    with pytest.raises(Unreadable):
        unpack(received(body), "q.fifo")


def test_the_receive_count_is_known() -> None:
    assert receives(received("")) == 3
