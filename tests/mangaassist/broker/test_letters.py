"""Dead letters: looking takes nothing, a redrive loses nothing, and only the chosen are deleted."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone
from structlog.testing import capture_logs

from mangaassist import letters as orders
from mangaassist.broker import letters
from mangaassist.broker.letters import Letter
from mangaassist.errors import Temporary
from mangaassist.models import AuditEntry, LetterOrder
from tests.mangaassist.broker.conftest import MakeQueue, WorkQueue

pytestmark = pytest.mark.django_db

REDRIVE, DELETE = LetterOrder.Action.REDRIVE, LetterOrder.Action.DELETE
FAST = orders.FASTEST


@pytest.fixture
def dead(make_queue: MakeQueue) -> WorkQueue:
    return make_queue()


@pytest.fixture
def operator() -> Iterator[User]:
    yield User.objects.create_user("sato")
    LetterOrder.objects.all().delete()


def die(dead: WorkQueue, *numbers: int, group: str = "") -> None:
    """Messages of our own task, each of a group of its own or all of one, as SQS moves them."""
    url = dead.sqs.get_queue_url(QueueName=dead.queue.dead_letters)["QueueUrl"]
    for number in numbers:
        body = {"headers": {"task": "enrich_item"}, "body": f"[[{number}, 1], {{}}, {{}}]"}
        dead.sqs.send_message(
            QueueUrl=url,
            MessageBody=json.dumps(body),
            MessageGroupId=group or f"T{number}",
            MessageDeduplicationId=f"{number}:1",
        )


def look(dead: WorkQueue) -> list[Letter]:
    return letters.look(dead.queue.dead_letters, 50)


def order(user: User, dead: WorkQueue, action: LetterOrder.Action = REDRIVE, **how: Any) -> int:
    wish = {"most": 10, "rate": FAST, **how}
    return orders.order(user, action, dead.queue.name, dead.queue.dead_letters, **wish).pk


def carry_out(order_id: int, minutes: float = 5) -> LetterOrder:
    """All steps that the time allows."""
    now = timezone.now() + timedelta(minutes=minutes)
    while orders.carry_out(now):
        pass
    return LetterOrder.objects.get(pk=order_id)


def sent(dead: WorkQueue) -> list[Letter]:
    return letters.look(dead.queue.name, 50)


def test_a_look_tells_ids_and_counts_and_leaves_everything(dead: WorkQueue) -> None:
    die(dead, *range(12))
    found = look(dead)
    assert sorted(one.arguments for one in found) == [(number, 1) for number in range(12)]
    assert {(one.task, one.receives) for one in found} == {("enrich_item", 1)}
    assert {one.group for one in found} == {f"T{number}" for number in range(12)}
    assert len(look(dead)) == 12


def test_groups_of_several_letters_are_shown_whole(dead: WorkQueue) -> None:
    die(dead, *range(8), group="A")
    die(dead, *range(10, 18), group="B")
    die(dead, *range(20, 24), group="C")
    found = look(dead)
    assert Counter(one.group for one in found) == {"A": 8, "B": 8, "C": 4}
    assert {one.receives for one in found} == {1}
    assert letters.cut(found) == []


def test_a_group_that_may_go_on_is_named(dead: WorkQueue) -> None:
    die(dead, *range(12), group="A")
    die(dead, 20, 21, group="B")
    found = look(dead)
    assert Counter(one.group for one in found) == {"A": 10, "B": 2}
    assert letters.cut(found) == ["A"]


def test_a_letter_that_is_not_put_back_is_logged(dead: WorkQueue) -> None:
    die(dead, 1, 2)
    good, bad = letters.take(dead.queue.dead_letters, 2)
    with capture_logs() as logs:
        letters.put_back(dead.queue.dead_letters, [good, replace(bad, handle="gone")])
    assert [(entry["event"], entry["id"]) for entry in logs] == [("letter_not_put_back", bad.id)]
    assert [letter.id for letter in look(dead)] == [good.id]


def test_a_body_of_a_stranger_is_not_told(dead: WorkQueue) -> None:
    url = dead.sqs.get_queue_url(QueueName=dead.queue.dead_letters)["QueueUrl"]
    dead.sqs.send_message(
        QueueUrl=url, MessageBody="秘密", MessageGroupId="g", MessageDeduplicationId="d"
    )
    [letter] = look(dead)
    assert (letter.task, letter.arguments) == ("", ())


def test_a_redrive_brings_all_letters_back_to_their_groups(dead: WorkQueue, operator: User) -> None:
    die(dead, *range(12))
    done = carry_out(order(operator, dead, most=50))
    assert (done.done, look(dead)) == (12, [])
    assert done.ended_at is not None
    assert {one.group for one in sent(dead)} == {f"T{number}" for number in range(12)}


def test_a_redrive_stops_at_its_count_and_keeps_to_its_rate(
    dead: WorkQueue, operator: User
) -> None:
    die(dead, *range(6))
    slow = order(operator, dead, most=5, rate=2)
    assert carry_out(slow, minutes=1).done == 3  # The first at once, then two a minute.
    assert carry_out(slow, minutes=10).done == 5
    assert len(look(dead)) == 1


def test_a_letter_is_redriven_again_within_five_minutes_of_its_last_send(
    dead: WorkQueue, operator: User
) -> None:
    """Under its own deduplication id SQS would drop it silently."""
    dead.sqs.send_message(
        QueueUrl=dead.url, MessageBody="{}", MessageGroupId="T1", MessageDeduplicationId="1:1"
    )
    [first] = letters.take(dead.queue.name, 1)
    letters.delete(dead.queue.name, first)
    die(dead, 1)
    carry_out(order(operator, dead))
    assert len(sent(dead)) == 1


def test_a_keeper_that_dies_between_send_and_delete_sends_nothing_twice(
    dead: WorkQueue, operator: User
) -> None:
    die(dead, 1)
    wish = order(operator, dead)
    letters.send_back(dead.queue.name, look(dead)[0], f"redrive:{wish}")
    assert carry_out(wish).done == 1
    assert (len(sent(dead)), look(dead)) == (1, [])


def die_at_work(dead: WorkQueue, user: User) -> int:
    """An order for five of ten letters, whose keeper had four, sent three and deleted two."""
    die(dead, *range(10))
    wish = order(user, dead, most=5)
    begun = letters.take(dead.queue.dead_letters, 4)
    for letter in begun[:3]:
        letters.send_back(dead.queue.name, letter, f"redrive:{wish}")
    for letter in begun[:2]:
        letters.delete(dead.queue.dead_letters, letter)
    letters.put_back(dead.queue.dead_letters, begun[2:])  # As their time runs out.
    ids = [letter.id for letter in begun]
    past = timezone.now() - timedelta(minutes=2)
    LetterOrder.objects.update(moving=ids, taken_until=past, moved_at=past)
    return wish


def test_what_a_dead_keeper_began_is_ended_and_counted_once(
    dead: WorkQueue, operator: User
) -> None:
    wish = die_at_work(dead, operator)
    done = carry_out(wish)
    assert (done.done, done.moving) == (5, [])
    assert (len(sent(dead)), len(look(dead))) == (5, 5)


def test_an_order_that_another_keeper_has_is_left_alone(dead: WorkQueue, operator: User) -> None:
    die(dead, 1)
    wish = order(operator, dead)
    LetterOrder.objects.update(taken_until=timezone.now() + timedelta(minutes=1))
    assert carry_out(wish).done == 0
    assert len(look(dead)) == 1


@pytest.mark.django_db(transaction=True)
def test_letters_are_noted_before_sqs_is_asked_and_no_transaction_waits_for_it(
    dead: WorkQueue, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, bool]] = []
    send_back = letters.send_back

    def look_on(queue: str, letter: Letter, token: str) -> None:
        noted = letter.id in LetterOrder.objects.get().moving
        seen.append((noted, connection.in_atomic_block))
        send_back(queue, letter, token)

    monkeypatch.setattr(letters, "send_back", look_on)
    die(dead, 1, 2)
    assert carry_out(order(operator, dead)).done == 2
    assert seen == [(True, False)] * 2


def test_a_failure_keeps_the_letters_tells_its_cause_and_is_tried_again(
    dead: WorkQueue, operator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise Temporary("ServiceUnavailable", "SQS is away")

    die(dead, 1, 2)
    wish = order(operator, dead)
    with monkeypatch.context() as patch:
        patch.setattr(letters, "send_back", fails)
        assert "SQS is away" in carry_out(wish).cause
    assert len(look(dead)) == 2
    assert (carry_out(wish).done, carry_out(wish).cause) == (2, "")


def test_neither_a_slow_nor_a_failing_order_holds_up_the_next(
    dead: WorkQueue, make_queue: MakeQueue, operator: User
) -> None:
    other = make_queue()
    die(dead, 1, 2)
    die(other, *range(12))
    orders.order(operator, REDRIVE, "gone.fifo", "gone-dlq.fifo", most=10, rate=FAST)
    order(operator, dead, rate=1)
    orders.carry_out(timezone.now())
    assert carry_out(order(operator, other, most=50), minutes=0.7).done == 12
    causes = LetterOrder.objects.order_by("pk").values_list("cause", flat=True)
    assert [bool(cause) for cause in causes] == [True, False, False]


def test_the_keeper_is_as_quick_as_the_fastest_order(settings: Any) -> None:
    pause = settings.KEEPER_DUTIES["mangaassist.letters.carry_out"]
    assert orders.AT_ONCE * 60 / (pause + 0.5) >= orders.FASTEST


def test_only_the_chosen_letters_are_deleted(dead: WorkQueue, operator: User) -> None:
    die(dead, *range(5))
    chosen = [letter.id for letter in look(dead) if letter.arguments[0] < 2]
    assert carry_out(order(operator, dead, DELETE, ids=chosen)).done == 2
    assert sorted(letter.arguments[0] for letter in look(dead)) == [2, 3, 4]
    assert sent(dead) == []


def test_nobody_deletes_what_nobody_chose(dead: WorkQueue, operator: User) -> None:
    with pytest.raises(ValueError, match="chosen"):
        order(operator, dead, DELETE)


def test_an_order_is_audited_and_a_stopped_one_does_nothing_more(
    dead: WorkQueue, operator: User
) -> None:
    die(dead, 1)
    wish = order(operator, dead)
    assert orders.stop(operator, wish)
    assert not orders.stop(operator, wish)
    assert carry_out(wish).done == 0
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "redrive",
        "stop",
    ]


def test_a_stopped_order_counts_what_a_dead_keeper_moved_and_moves_no_more(
    dead: WorkQueue, operator: User
) -> None:
    wish = die_at_work(dead, operator)
    assert orders.stop(operator, wish)
    done = carry_out(wish)
    assert (done.done, done.moving) == (2, [])
    assert (len(sent(dead)), len(look(dead))) == (3, 8)
