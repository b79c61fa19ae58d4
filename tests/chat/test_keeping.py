"""What web processes hand over, and what the keeper finds when they could not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User

from chat import keeping, later, owed, sessions
from chat.deferred import hand_over
from chat.keeping import collect
from chat.turns import Answer, History, State
from mangaassist import aws, pausing
from mangaassist.pools import MODERATION
from mangaassist.resources import (
    DEFERRED_QUEUE,
    KEEPER_ROLE,
    MODERATION_QUEUE,
    SESSIONS_TABLE,
    WEB_ROLE,
)
from tests.chat.conftest import Frames, acting, ask, converse, drain, in_role, received
from tests.mangaassist.conftest import Account

COMPLETE = Answer("全23巻です。", State.COMPLETE)
LATER = Answer("", State.DEFERRED)
LOOK = {"Effect": "Allow", "Action": ["sqs:GetQueueUrl"], "Resource": ["*"]}
ONLY_LOOKING = {"Version": "2012-10-17", "Statement": [LOOK]}


pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_queues")]


@pytest.fixture(autouse=True)
def nothing_owed(chat_account: Account) -> Iterator[None]:
    """Nothing is owed to the sessions of earlier tests, which may be overdue by now."""
    clear_all()
    yield
    clear_all()


def clear_all() -> None:
    rows = aws.dynamodb().get_paginator("scan").paginate(TableName=SESSIONS_TABLE.name)
    for session in {row["sessionId"]["S"] for page in rows for row in page["Items"]}:
        sessions.clear(session)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything owed is overdue as soon as it is owed."""
    monkeypatch.setattr(owed, "ANSWERED_WITHIN", timedelta(seconds=-1))
    monkeypatch.setattr(owed, "SENT_WITHIN", timedelta(seconds=-1))


def tasks(messages: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Group and task of each message."""
    return [
        (message["Attributes"]["MessageGroupId"], json.loads(message["Body"])["headers"]["task"])
        for message in messages
    ]


def test_a_deferred_answer_is_handed_over_with_ids_alone(chat_account: Account) -> None:
    with in_role(chat_account, WEB_ROLE):
        [answer] = converse("s", LATER)
        hand_over("s", answer, History())
        drain()
    [message] = received(DEFERRED_QUEUE)
    assert tasks([message]) == [("s", "deferred_answer")]
    assert "質問" not in message["Body"]


def test_a_finished_answer_is_handed_over_for_review() -> None:
    [answer] = converse("s", COMPLETE)
    hand_over("s", answer, History())
    drain()
    assert tasks(received(MODERATION_QUEUE)) == [("s", "review")]


def test_the_third_answer_is_handed_over_for_a_summary() -> None:
    answers = converse("s", COMPLETE, 3)
    hand_over("s", answers[2], History())
    drain()
    assert tasks(received(DEFERRED_QUEUE)) == [("s", "summarise")]


@pytest.mark.usefixtures("at_once")
def test_what_sqs_did_not_take_is_sent_by_the_keeper(chat_account: Account) -> None:
    converse("s", LATER)
    with in_role(chat_account, KEEPER_ROLE):
        collect()
    assert tasks(received(DEFERRED_QUEUE)) == [("s", "deferred_answer")]


def test_what_is_under_way_is_not_sent_again() -> None:
    converse("s", LATER)
    collect()
    assert received(DEFERRED_QUEUE) == []


@pytest.mark.usefixtures("at_once")
def test_a_message_whose_process_died_gets_its_final_frame_and_a_worker(frames: Frames) -> None:
    ask("s")
    collect()
    assert frames == [("done", "m1", keeping.BUSY.ja)]
    assert sessions.history("s").turns[-1].state is State.DEFERRED
    assert len(received(DEFERRED_QUEUE)) == 1


@pytest.mark.usefixtures("at_once")
def test_a_review_that_was_never_sent_is_sent_by_the_keeper() -> None:
    converse("s", COMPLETE)
    collect()
    assert tasks(received(MODERATION_QUEUE)) == [("s", "review")]


@pytest.mark.usefixtures("at_once")
def test_an_answer_that_never_comes_ends_with_an_apology(
    frames: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "GIVE_UP_AFTER", timedelta(0))
    converse("s", LATER)
    collect()
    assert frames == [("late", "m1", later.APOLOGY.ja)]
    assert sessions.history("s").turns[-1].state is State.FAILED
    collect()
    assert len(frames) == 1


@pytest.mark.usefixtures("at_once")
def test_of_two_keepers_one_gets_a_debt() -> None:
    converse("s", LATER)
    [debt] = owed.overdue(owed.ANSWER)
    assert keeping._claim(debt) is not None
    assert keeping._claim(debt) is None


@pytest.mark.usefixtures("at_once")
def test_an_answered_question_is_owed_nothing() -> None:
    converse("s", Answer("x", State.REFUSED))
    assert [list(owed.overdue(kind)) for kind in owed.KINDS] == [[], []]


def test_a_web_process_that_may_not_send_goes_on(chat_account: Account) -> None:
    [answer] = converse("s", LATER)
    with acting(chat_account, ONLY_LOOKING):
        hand_over("s", answer, History())
        drain()
    assert received(DEFERRED_QUEUE) == []
    assert sessions.history("s").turns[-1].state is State.DEFERRED


@pytest.mark.usefixtures("at_once")
def test_a_paused_second_look_stays_owed_and_answers_go_on() -> None:
    staff = User.objects.create_user("sato")
    pausing.pause(MODERATION.name, staff)
    converse("reviewed", COMPLETE)
    converse("late", LATER)
    collect()
    assert tasks(received(DEFERRED_QUEUE)) == [("late", "deferred_answer")]
    assert received(MODERATION_QUEUE) == []
    pausing.resume(MODERATION.name, staff)
    collect()
    assert ("reviewed", "review") in tasks(received(MODERATION_QUEUE))
