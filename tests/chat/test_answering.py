"""A reply knows whether anybody else spoke in its thread since its session was read."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.answering import Answering
from chat.conversation import Asked, Event
from chat.frames import SendMessage
from chat.thread import Claim
from mangaassist.language import Language

ASKED = Asked("s", SendMessage("m1", "猫の漫画は？"), Language.JA)


async def publish(_answering: Answering, _events: Sequence[Event]) -> bool:
    return True


def claimed(n: int) -> Answering:
    """One whose thread had n as its last number."""
    answering = Answering(ASKED, publish)
    answering.begin(Claim(0, False, n))
    return answering


@pytest.mark.parametrize("n", [0, 7])
def test_a_reply_whose_frames_follow_each_other_is_alone(n: int) -> None:
    answering = claimed(n)
    first = n or 1_000
    answering.follow(first + 3, 3)
    answering.follow(first + 4, 1)
    assert answering.is_alone


def test_a_number_between_them_was_somebody_elses() -> None:
    answering = claimed(7)
    answering.follow(8, 1)
    answering.follow(10, 1)
    assert not answering.is_alone


@pytest.mark.parametrize("n", [None, 0])
def test_frames_without_a_number_leave_it_unsure(n: int | None) -> None:
    answering = claimed(0)
    answering.follow(n, 1)
    answering.follow(1_007, 1)
    assert not answering.is_alone


def test_without_redis_nothing_is_sure() -> None:
    answering = Answering(ASKED, publish)
    answering.begin(None)
    assert not answering.is_alone


def test_what_was_said_before_the_claim_may_be_younger_than_what_was_read() -> None:
    before, late, own = Answering(ASKED, publish), claimed(7), claimed(7)
    before.deliver(7, "{}")
    before.begin(Claim(0, False, 7))
    late.deliver(7, "{}")
    own.deliver(8, "{}")
    assert [before.is_alone, late.is_alone, own.is_alone] == [False, False, True]


def test_a_hub_that_missed_something_leaves_it_unsure() -> None:
    answering = claimed(7)
    answering.missed()
    assert not answering.is_alone
