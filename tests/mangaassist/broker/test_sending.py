"""Batched sends, and what the sender learns about those that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import celery
import pytest
from botocore.stub import Stubber
from hypothesis import given
from hypothesis import strategies as st

from local.fault_proxy import Fault, FaultProxy
from mangaassist import aws
from mangaassist.broker.sending import MOST_BYTES, MOST_ENTRIES, NotSent, chunks, send
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Failure, Misconfigured, Rejected, Temporary
from tests.mangaassist.broker.conftest import Publish, WorkQueue

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


def not_sent(publish: Publish, *items: str) -> dict[str, Failure]:
    with pytest.raises(NotSent) as caught:
        publish("note", *items)
    return caught.value.failed


def test_messages_are_sent_ten_in_a_call(
    queue: WorkQueue, publish: Publish, fault_proxy: FaultProxy
) -> None:
    publish("note", *ITEMS)
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
    failed = not_sent(publish, *ITEMS)
    assert (set(failed), {type(failure) for failure in failed.values()}) == (IDENTITIES, {kind})


def test_what_failed_can_be_sent_again(
    queue: WorkQueue, publish: Publish, fault_proxy: FaultProxy
) -> None:
    fault_proxy.fail(Fault.UNAVAILABLE)
    not_sent(publish, *ITEMS)
    fault_proxy.heal()
    publish("note", *ITEMS)
    assert queue.counts() == (25, 0)


def test_a_message_without_a_group_is_refused(app: celery.Celery) -> None:
    with (
        app.producer_or_acquire() as producer,
        producer.batch(),
        pytest.raises(ValueError, match="MessageGroupId"),
    ):
        app.send_task("any", producer=producer)


def test_a_bad_message_does_not_keep_back_the_others(queue: WorkQueue, through_proxy: None) -> None:
    failed = send(queue_url(queue.queue.name), [entry("good"), entry("bad", "\x01")])
    assert ({name: type(one) for name, one in failed.items()}, queue.counts()) == (
        {"bad": Rejected},
        (1, 0),
    )


def test_an_entry_that_sqs_could_not_take_is_sent_again(through_proxy: None) -> None:
    error = {"Id": "1", "Code": "InternalError", "SenderFault": False}
    taken = {"Id": "0", "MessageId": "m", "MD5OfMessageBody": "9dd4e461268c8034f5c8564e155c67a6"}
    with Stubber(aws.sqs()) as sqs:
        sqs.add_response("send_message_batch", {"Successful": [taken], "Failed": [error]})
        sqs.add_response("send_message_batch", {"Successful": [taken | {"Id": "1"}], "Failed": []})
        assert send("any", [entry("a"), entry("b")]) == {}


@given(st.lists(st.integers(min_value=1, max_value=MOST_BYTES)))
def test_chunks_keep_to_the_limits_of_a_call(sizes: list[int]) -> None:
    entries = [entry(str(number), "x" * size) for number, size in enumerate(sizes)]
    found = list(chunks(entries))
    assert [one for chunk in found for one in chunk] == entries
    for chunk in found:
        assert len(chunk) <= MOST_ENTRIES
        assert sum(len(one["MessageBody"]) for one in chunk) <= MOST_BYTES
