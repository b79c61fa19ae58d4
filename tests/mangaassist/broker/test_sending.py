"""Batched sends, and what the sender learns about those that fail."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import celery
import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.fault_proxy import Fault, FaultProxy
from mangaassist import aws
from mangaassist.attempts import ATTEMPTS
from mangaassist.broker import sending
from mangaassist.broker.sending import MOST_BYTES, MOST_ENTRIES, chunks, send
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary
from tests.mangaassist.broker.conftest import TASKS, Publish, WorkQueue, forget_clients

if TYPE_CHECKING:
    from mypy_boto3_sqs.type_defs import SendMessageBatchRequestEntryTypeDef as Entry

ITEMS = [str(number) for number in range(25)]
IDENTITIES = {f"{item}:1" for item in ITEMS}


def entry(identity: str, body: str = "x") -> Entry:
    return {
        "Id": identity,
        "MessageBody": body,
        "MessageGroupId": identity,
        "MessageDeduplicationId": identity,
    }


class Half(ThreadingHTTPServer):
    """An SQS that cannot take the second entry of a call, and those that it never takes."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.asked: list[list[str]] = []
        self.untaken: set[str] = set()


class Answering(BaseHTTPRequestHandler):
    server: Half

    def do_POST(self) -> None:
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        entries = {one["Id"]: one["MessageDeduplicationId"] for one in call["Entries"]}
        self.server.asked.append(list(entries.values()))
        failed = [
            {"Id": number, "Code": "InternalError", "SenderFault": False}
            for place, (number, identity) in enumerate(entries.items())
            if place == 1 or identity in self.server.untaken
        ]
        body = json.dumps({"Successful": [], "Failed": failed}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_PAUSE", 0.01)


@pytest.fixture
def half_taking(monkeypatch: pytest.MonkeyPatch) -> Iterator[Half]:
    with Half() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        monkeypatch.setenv("AWS_ENDPOINT_URL_SQS", f"http://127.0.0.1:{server.server_port}")
        forget_clients()
        yield server
        server.shutdown()
        thread.join()
    monkeypatch.undo()
    forget_clients()


def test_messages_are_sent_ten_in_a_call(
    queue: WorkQueue, publish: Publish, fault_proxy: FaultProxy
) -> None:
    assert publish("note", *ITEMS) == {}
    assert (fault_proxy.calls["SendMessageBatch"], queue.counts()) == (3, (25, 0))


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (Fault.REFUSE, Temporary),
        (Fault.RESET, Temporary),
        (Fault.UNAVAILABLE, Temporary),
        (Fault.DENIED, Misconfigured),
    ],
)
def test_a_sender_learns_which_messages_were_not_sent(
    fault: Fault, kind: type[Failure], publish: Publish, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(fault)
    failed = publish("note", *ITEMS)
    assert (set(failed), {type(failure) for failure in failed.values()}) == (IDENTITIES, {kind})


def test_what_failed_can_be_sent_again(
    queue: WorkQueue, publish: Publish, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(Fault.UNAVAILABLE)
    publish("note", *ITEMS)
    fault_proxy.heal()
    assert publish("note", *ITEMS) == {}
    assert queue.counts() == (25, 0)


@pytest.mark.parametrize(
    ("fault", "calls"),
    [(Fault.THROTTLED, ATTEMPTS), (Fault.UNAVAILABLE, ATTEMPTS), (Fault.DENIED, 1)],
)
def test_a_call_is_made_again_when_that_may_help(
    fault: Fault, calls: int, publish: Publish, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(fault, "SendMessageBatch")
    assert set(publish("note", "a")) == {"a:1"}
    assert fault_proxy.calls["SendMessageBatch"] == calls


def test_a_silent_sqs_is_given_up_soon(
    publish: Publish, fault_proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(aws, "SEND_READ", 0.2)
    fault_proxy.fail(Fault.HANG, "SendMessageBatch")
    assert publish("note", "a")["a:1"].code == "ReadTimeoutError"


def test_a_call_of_a_task_is_the_message_that_celery_makes_of_it(
    queue: WorkQueue, publish: Publish, app: celery.Celery
) -> None:
    @app.task(name=f"{TASKS}.note")
    def task(item: str) -> None:
        raise NotImplementedError

    apply_async: Any = task.apply_async  # whose options for SQS its types do not know
    apply_async(("検査",), task_id="検査:1", MessageGroupId="g", MessageDeduplicationId="x")
    by_celery = message(queue)
    publish("note", "検査")
    assert message(queue) == by_celery


def message(queue: WorkQueue) -> dict[str, Any]:
    """The next one, with its task's body as JSON."""
    found = queue.visible(20)
    assert found
    envelope: dict[str, Any] = json.loads(found["Body"])
    return envelope | {"body": json.loads(envelope["body"])}


def test_a_message_without_a_group_is_refused(app: celery.Celery) -> None:
    with pytest.raises(ValueError, match="MessageGroupId"):
        app.send_task("any")


def test_a_bad_message_does_not_keep_back_the_others(queue: WorkQueue, through_proxy: None) -> None:
    failed = send(queue_url(queue.queue.name), [entry("good"), entry("bad", "\x01")])
    assert ({name: type(one) for name, one in failed.items()}, queue.counts()) == (
        {"bad": Rejected},
        (1, 0),
    )


def test_an_entry_that_sqs_could_not_take_is_sent_again(half_taking: Half) -> None:
    assert send("any", [entry("a"), entry("b")]) == {}
    assert half_taking.asked == [["a", "b"], ["b"]]


def test_an_entry_that_sqs_never_takes_is_a_temporary_failure(
    half_taking: Half, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "PAUSES", (0.0,))
    half_taking.untaken = {"b"}
    failed = send("any", [entry("a"), entry("b")])
    assert [(name, type(one), one.code) for name, one in failed.items()] == [
        ("b", Temporary, "InternalError")
    ]
    assert half_taking.asked == [["a", "b"], ["b"]]


@given(st.lists(st.integers(min_value=1, max_value=MOST_BYTES)))
def test_chunks_keep_to_the_limits_of_a_call(sizes: list[int]) -> None:
    entries = [entry(str(number), "x" * size) for number, size in enumerate(sizes)]
    found = list(chunks(entries))
    assert [one for chunk in found for one in chunk] == entries
    for chunk in found:
        assert len(chunk) <= MOST_ENTRIES
        assert sum(len(one["MessageBody"]) for one in chunk) <= MOST_BYTES
