"""Handing received files to the maintenance pool."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db.models.functions import Now

from enrichment import intake, releases
from enrichment.models import Release
from enrichment.tasks import stage_release
from mangaassist import aws
from mangaassist.broker.urls import queue_url
from mangaassist.errors import Misconfigured
from mangaassist.pools import MAINTENANCE
from tests.mangaassist.conftest import Account

pytestmark = pytest.mark.django_db(transaction=True)


def receive(number: int = 0) -> Release:
    content = f"id,titleJp\nA-{number},猫\n".encode()
    return releases.receive("r.csv", io.BytesIO(content))[0]


def messages() -> set[tuple[str, str]]:
    """(group, deduplication id) of what is in the queue."""
    answer = aws.sqs().receive_message(
        QueueUrl=queue_url(MAINTENANCE.queue.name),
        MaxNumberOfMessages=10,
        MessageSystemAttributeNames=["All"],
    )
    found = [message["Attributes"] for message in answer.get("Messages", [])]
    return {(one["MessageGroupId"], one["MessageDeduplicationId"]) for one in found}


def test_each_delivery_is_sent_in_a_group_of_its_own(provisioned: Account) -> None:
    made = [receive(number).pk for number in range(2)]
    assert intake.dispatch() == 2
    assert messages() == {(f"release:{pk}:1", f"release:{pk}:1") for pk in made}


def test_a_release_is_sent_once_while_somebody_may_still_read_it(provisioned: Account) -> None:
    receive()
    assert (intake.dispatch(), intake.dispatch()) == (1, 0)


def test_a_lost_message_is_sent_again_with_a_new_delivery(provisioned: Account) -> None:
    release = receive()
    intake.dispatch()
    Release.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert intake.dispatch() == 1
    release.refresh_from_db()
    assert release.delivery == 2


def test_a_release_stays_due_when_sqs_does_not_take_it(account: Account) -> None:
    receive()
    receive(1)
    with pytest.raises(Misconfigured, match="queue manga-maintenance-queue"):
        intake.dispatch()
    assert Release.objects.filter(lease_until=None).count() == 2


def test_what_is_sent_is_read(provisioned: Account) -> None:
    release = receive()
    intake.dispatch()
    stage_release(release.pk, 1)
    release.refresh_from_db()
    assert (release.state, release.good_rows) == (Release.State.READY, 1)


def test_a_stale_message_does_nothing(provisioned: Account) -> None:
    release = receive()
    stage_release(release.pk, 7)
    release.refresh_from_db()
    assert release.state == Release.State.RECEIVED


def test_a_reading_that_fails_is_given_back(
    provisioned: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    release = receive()
    intake.dispatch()

    def full(*_: object, **__: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("enrichment.staging.contents", full)
    stage_release(release.pk, 1)
    release.refresh_from_db()
    assert (release.state, release.crashes) == (Release.State.RECEIVED, 1)
