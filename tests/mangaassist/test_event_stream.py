"""The frames of a stream, however they come."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.eventstream import ChecksumMismatch
from botocore.exceptions import EventStreamError
from hypothesis import given
from hypothesis import strategies as st

from local.bedrock.wire import BedrockError, chunk, exception, frame, headers
from mangaassist.event_stream import chunks

EVENTS = [b'{"type":"ping"}', "ねこ".encode(), b"x" * 3_000]
STREAM = b"".join(map(chunk, EVENTS))


@given(st.lists(st.integers(0, len(STREAM)), max_size=5).map(sorted))
def test_frames_may_be_cut_anywhere(cuts: list[int]) -> None:
    held = bytearray()
    found: list[bytes] = []
    for begin, end in zip([0, *cuts], [*cuts, len(STREAM)], strict=True):
        held += STREAM[begin:end]
        found.extend(chunks(held))
    assert found == EVENTS
    assert not held


@pytest.mark.parametrize("at", [2, 9, 30, 100, -1])
def test_damage_is_seen_after_what_came_before_it(at: int) -> None:
    damaged = bytearray(chunk(b"x" * 100))
    damaged[at] ^= 1
    found = chunks(bytearray(chunk(b"words") + damaged))
    assert next(found) == b"words"
    with pytest.raises(ChecksumMismatch):
        next(found)


def test_an_error_in_the_stream_is_raised_with_its_code() -> None:
    failed = exception(BedrockError("ModelStreamErrorException", "No more."))
    with pytest.raises(EventStreamError) as raised:
        list(chunks(bytearray(failed)))
    error: Any = raised.value.response["Error"]
    assert error == {"Code": "modelStreamErrorException", "Message": "No more."}


def test_an_event_of_another_kind_is_passed_over() -> None:
    other = frame(headers({":event-type": "news", ":message-type": "event"}), b"{}")
    assert list(chunks(bytearray(other + STREAM))) == EVENTS
