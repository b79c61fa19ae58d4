"""The pages of dead letters: what they tell, who may act, and what an order asks for."""

from __future__ import annotations

import json
import re
import uuid

import pytest
from django.contrib.auth.models import User
from django.test import Client

from dashboard.letters import described
from enrichment.states import State
from mangaassist import aws, iam
from mangaassist.broker import letters
from mangaassist.broker.urls import queue_url
from mangaassist.models import LetterOrder
from mangaassist.pools import MODERATION
from mangaassist.resources import AUTOSCALER_ROLE
from tests.enrichment.factories import job_of
from tests.mangaassist.conftest import Account, account, provisioned

__all__ = ["account", "provisioned"]

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("provisioned")]

DEAD = MODERATION.queue.dead_letters
PAGE = f"/dashboard/queues/{MODERATION.name}/letters/"


def die(task: str, *arguments: object) -> str:
    """Puts a message of a task among the dead letters; returns its id."""
    body = {"headers": {"task": task}, "body": json.dumps([arguments, {}, {}])}
    identity = uuid.uuid4().hex
    sent = aws.sqs().send_message(
        QueueUrl=queue_url(DEAD), MessageBody=json.dumps(body),
        MessageGroupId=identity, MessageDeduplicationId=identity,
    )  # fmt: skip
    return sent["MessageId"]


def outdated(*arguments: int) -> bool | None:
    die("enrich_item", *arguments)
    [shown] = described(letters.look(DEAD, 10))
    return shown.outdated


def test_a_letter_of_a_delivery_that_is_waited_for_would_do_something() -> None:
    item = job_of(State.RUNNING, delivery=3).items.get()
    assert outdated(item.pk, 3) is False


@pytest.mark.parametrize(("state", "delivery"), [(State.RUNNING, 2), (State.DONE, 3)])
def test_a_letter_of_work_that_is_over_or_was_sent_again_is_outdated(
    state: State, delivery: int
) -> None:
    item = job_of(state, delivery=3).items.get()
    assert outdated(item.pk, delivery) is True


def test_the_page_tells_ids_state_and_cause_and_no_whole_session(as_operator: Client) -> None:
    item = job_of(State.FAILED, delivery=3, code="broken_row", message="line 7").items.get()
    session = uuid.uuid4().hex
    die("enrich_item", item.pk, 3)
    die("review", session, "m1")
    text = as_operator.get(f"{PAGE}?lang=en").text
    assert f"item {item.pk}, delivery 3" in text
    assert "broken_row: line 7" in text
    assert session[:8] in text
    assert session not in text


def test_a_dry_run_says_what_would_happen_and_changes_nothing(as_operator: Client) -> None:
    item = job_of(State.DONE, delivery=1).items.get()
    identity = die("enrich_item", item.pk, 1)
    text = as_operator.post(f"{PAGE}order?lang=en", {"do": "redrive", "id": identity}).text
    assert "Up to 1 letters go from manga-moderation-dlq.fifo" in text
    assert "1 are outdated" in text
    assert not LetterOrder.objects.exists()


def sure(client: Client, **wish: str) -> dict[str, str]:
    """The hidden fields of a dry run, which its button sends."""
    text = client.post(f"{PAGE}order", wish).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', text))


def test_a_sure_operator_orders_what_was_shown(as_operator: Client) -> None:
    wish = sure(as_operator, do="redrive_any", most="7", rate="30")
    assert as_operator.post(f"{PAGE}order", wish).status_code == 302
    order = LetterOrder.objects.get()
    assert (order.action, order.most, order.rate, order.user_name) == ("redrive", 7, 30, "operator")
    assert (order.queue, order.dead_letters) == (MODERATION.queue.name, DEAD)
    as_operator.post(f"{PAGE}{order.pk}/stop")
    order.refresh_from_db()
    assert order.ended_at is not None


def test_a_double_click_orders_once(as_operator: Client) -> None:
    wish = sure(as_operator, do="redrive_any")
    for _ in range(2):
        assert as_operator.post(f"{PAGE}order", wish).status_code == 302
    assert LetterOrder.objects.count() == 1
    for nonsense in ({"once": ""}, {"id": "\0"}):
        assert as_operator.post(f"{PAGE}order", {**wish, **nonsense}).status_code == 400


def test_nothing_is_deleted_that_nobody_chose(as_operator: Client) -> None:
    response = as_operator.post(f"{PAGE}order", {"do": "delete", "sure": "1"})
    assert "選択してください" in as_operator.get(response["Location"]).text
    assert not LetterOrder.objects.exists()


def test_a_viewer_may_look_and_no_more(client: Client, viewer: User) -> None:
    die("review", "s", "m")
    assert 'type="checkbox"' not in client.get(PAGE).text
    assert client.post(f"{PAGE}order", {"do": "redrive_any", "sure": "1"}).status_code == 403


def test_there_are_no_letters_of_a_pool_without_a_queue(as_operator: Client) -> None:
    assert as_operator.get("/dashboard/queues/websocket/letters/").status_code == 404


def test_an_sqs_that_is_away_is_said_and_the_orders_are_shown(
    as_operator: Client, account: Account
) -> None:
    account.act_with(iam.policy(AUTOSCALER_ROLE, "us-east-1", account.number))
    text = as_operator.get(f"{PAGE}?lang=en").text
    assert "SQS does not answer" in text
    assert "AccessDenied" in text


def test_fifty_letters_make_a_small_page(as_operator: Client) -> None:
    for _ in range(55):
        die("review", uuid.uuid4().hex, "m")
    assert len(as_operator.get(PAGE).content) < 100_000
