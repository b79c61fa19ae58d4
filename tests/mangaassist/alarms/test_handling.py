"""What staff do about an alarm: who hears of it meanwhile, and that it is written down."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from mangaassist.alarms.definitions import State
from mangaassist.alarms.duty import evaluate
from mangaassist.alarms.handling import LONGEST, acknowledge, acknowledged, mute, unmute
from mangaassist.alarms.notices import mail_alarms
from mangaassist.alarms.parsing import defined
from mangaassist.models import AlarmEvent, AlarmState, AuditEntry

pytestmark = pytest.mark.django_db

NAME = "pool-blocked:enrichment"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def staff(settings: Any) -> None:
    settings.NOTIFY_EMAILS = ["ops@example.com"]


@pytest.fixture
def sato() -> User:
    return User.objects.create_user("sato")


def change(state: State) -> None:
    """As an evaluation writes it."""
    alarm, now = defined()[NAME], timezone.now()
    row, _ = AlarmState.objects.get_or_create(
        name=NAME,
        defaults={
            "kind": alarm.kind, "severity": alarm.severity, "state": State.OK, "since": now,
            "watched_since": now,
        },
    )  # fmt: skip
    AlarmEvent.objects.create(
        alarm=NAME, kind=alarm.kind, severity=alarm.severity, before=row.state, state=state,
        at=now, threshold=alarm.threshold, reason="1 of 1 windows",
    )  # fmt: skip
    AlarmState.objects.filter(name=NAME).update(state=state, since=now)


def told(**later: float) -> int:
    return mail_alarms(timezone.now() + timedelta(**later))


def test_nobody_is_told_of_a_muted_alarm_that_begins_to_ring(sato: User) -> None:
    change(State.OK)
    mute(sato, NAME, HOUR, "maintenance")
    change(State.ALARM)
    assert told(minutes=30) == 0
    assert AlarmState.objects.get().state == State.ALARM


def test_nobody_is_told_again_of_a_muted_alarm(sato: User) -> None:
    change(State.ALARM)
    assert told() == 1
    mute(sato, NAME, 5 * HOUR, "")
    assert told(hours=2) == 0


def test_the_end_of_a_mute_tells_what_happened_once(sato: User, mailoutbox: list[Any]) -> None:
    change(State.OK)
    mute(sato, NAME, HOUR, "")
    change(State.ALARM)
    change(State.OK)
    change(State.ALARM)
    assert [told(minutes=30), told(minutes=61), told(minutes=62)] == [0, 1, 0]
    assert "2回変化" in mailoutbox[0].body


def test_an_unmuted_alarm_is_told_at_once(sato: User) -> None:
    change(State.ALARM)
    mute(sato, NAME, HOUR, "")
    assert told(minutes=1) == 0
    assert [unmute(sato, NAME), unmute(sato, NAME)] == [True, False]
    assert told(minutes=1) == 1


def test_an_acknowledged_alarm_is_not_repeated_until_its_time_is_over(sato: User) -> None:
    change(State.ALARM)
    assert told() == 1
    assert acknowledge(sato, NAME, 3 * HOUR)
    assert [told(hours=2), told(hours=4)] == [0, 1]


def test_the_end_of_an_acknowledged_alarm_is_told(sato: User) -> None:
    change(State.ALARM)
    told()
    acknowledge(sato, NAME, 3 * HOUR)
    change(State.OK)
    assert told(hours=1) == 1


def test_an_alarm_that_rings_anew_is_nobodys_yet(sato: User) -> None:
    change(State.ALARM)
    acknowledge(sato, NAME, 3 * HOUR)
    change(State.OK)
    change(State.ALARM)
    assert not AlarmState.objects.filter(acknowledged(timezone.now())).exists()


def test_an_alarm_that_does_not_ring_cannot_be_acknowledged(sato: User) -> None:
    change(State.OK)
    assert not acknowledge(sato, NAME, HOUR)
    assert not AuditEntry.objects.exists()


def test_no_alarm_is_muted_for_ever(sato: User) -> None:
    change(State.OK)
    mute(sato, NAME, timedelta(days=900), "")
    until = AlarmState.objects.get().muted_until
    assert until is not None
    assert until <= timezone.now() + LONGEST


def test_who_did_what_is_audited(sato: User) -> None:
    change(State.ALARM)
    acknowledge(sato, NAME, HOUR)
    mute(sato, NAME, HOUR, "maintenance")
    unmute(sato, NAME)
    entries = list(AuditEntry.objects.order_by("pk"))
    assert [entry.action for entry in entries] == ["acknowledge", "mute", "unmute"]
    assert {(entry.user, entry.row) for entry in entries} == {(sato, NAME)}
    assert (entries[1].after or {})["muted_why"] == "maintenance"


def test_an_evaluation_leaves_what_staff_said(sato: User) -> None:
    change(State.OK)
    mute(sato, NAME, HOUR, "maintenance")
    evaluate()
    assert AlarmState.objects.get(name=NAME).muted_by == "sato"
