"""Whom alarms reach: at once, each change once, and seldom when an alarm flaps."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from urllib3.exceptions import HTTPError

from mangaassist.alarms.definitions import State
from mangaassist.alarms.evaluation import decide
from mangaassist.alarms.notices import mail_alarms, post_alarms
from mangaassist.alarms.parsing import defined
from mangaassist.models import AlarmEvent, AlarmState
from tests.mangaassist.receiver import Webhook, no_mail_server, webhook

__all__ = ["no_mail_server", "webhook"]

NOW = datetime(2026, 11, 25, 3, 0, tzinfo=UTC)
BLOCKED, QUARANTINED = "pool-blocked:enrichment", "quarantined:enrichment"
OK, ALARM, UNKNOWN = State.OK, State.ALARM, State.INSUFFICIENT_DATA

pytestmark = pytest.mark.django_db


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def change(state: State, seconds: float = 0, alarm: str = BLOCKED, before: State = OK) -> None:
    """As an evaluation writes it."""
    definition = defined()[alarm]
    when = at(seconds)
    row, _ = AlarmState.objects.get_or_create(
        name=alarm,
        defaults={
            "kind": definition.kind, "severity": definition.severity,
            "state": before, "since": when, "watched_since": when,
        },
    )  # fmt: skip
    AlarmEvent.objects.create(
        alarm=alarm, kind=definition.kind, severity=definition.severity, before=row.state,
        state=state, at=when, value=1, threshold=definition.threshold, reason="1 of 1 windows",
        figures=decide(definition, State(row.state), [1.0] * definition.windows).figures,
        cause="enrichment: AccessDeniedException: denied" if state is ALARM else "",
    )  # fmt: skip
    row.state, row.since = state, when
    row.save()


@pytest.fixture(autouse=True)
def staff(settings: Any) -> None:
    settings.NOTIFY_EMAILS = ["ops@example.com"]


def test_an_alarm_is_told_at_once_and_once(mailoutbox: list[Any]) -> None:
    change(ALARM)
    assert [mail_alarms(at(1)), mail_alarms(at(2))] == [1, 0]
    assert len(mailoutbox) == 1


def test_news_is_told_although_the_last_was_told_by_a_clock_that_is_ahead(
    mailoutbox: list[Any],
) -> None:
    change(ALARM)
    mail_alarms(at(3_600))
    change(OK, 60)
    assert mail_alarms(at(61)) == 1
    assert len(mailoutbox) == 2


def test_an_email_says_everything_in_both_languages(mailoutbox: list[Any], settings: Any) -> None:
    settings.RUNBOOK_URL = "https://example.com/runbook"
    change(ALARM)
    mail_alarms(at(1))
    [mail] = mailoutbox
    assert mail.to == ["ops@example.com"]
    assert mail.subject == f"[MangaAssist] 警報 / ALARM (critical): {BLOCKED}"
    for part in (
        "enrichment プールが停止しています",
        "The enrichment pool is blocked",
        "Since: 2026-11-25 12:00:00 JST",
        "Value: 1 (閾値 / threshold >= 1)",
        "理由: 60秒の窓1個のうち1個が >= 1（1個で鳴ります）、新しい順: 1",
        "Reason: 1 of 1 windows of 60 s >= 1 (rings at 1), newest first: 1",
        "Cause: enrichment: AccessDeniedException: denied",
        "First: manage.py smoke",
        "Runbook: https://example.com/runbook#pool-blocked",
    ):
        assert part in mail.body
    assert "more changes" not in mail.body


def test_the_webhook_gets_the_same_as_json(webhook: Webhook) -> None:
    change(ALARM)
    post_alarms(at(1))
    [posted] = webhook.posted
    assert (posted["event"], posted["alarm"], posted["subject"]) == ("alarm", BLOCKED, "enrichment")
    assert (posted["state"], posted["before"], posted["at"]) == ("ALARM", "OK", NOW.isoformat())
    assert posted["title"] == defined()[BLOCKED].title._asdict()
    assert (posted["cause"], posted["look"]) == (
        "enrichment: AccessDeniedException: denied",
        "manage.py smoke",
    )


def test_the_end_is_told_too(mailoutbox: list[Any]) -> None:
    change(ALARM)
    mail_alarms(at(1))
    change(OK, 400)
    assert mail_alarms(at(401)) == 1
    assert mailoutbox[1].subject == f"[MangaAssist] 復旧 / OK: {BLOCKED}"


def test_an_alarm_without_data_any_more_has_ended_too(mailoutbox: list[Any]) -> None:
    change(ALARM)
    mail_alarms(at(1))
    change(UNKNOWN, 400)
    mail_alarms(at(401))
    assert "データなし / NO DATA" in mailoutbox[1].subject


def test_what_never_rang_is_no_news(mailoutbox: list[Any]) -> None:
    change(OK, before=UNKNOWN)
    change(UNKNOWN, 60)
    assert mail_alarms(at(61)) == 0


def test_a_flapping_alarm_is_told_seldom_and_summed_up(mailoutbox: list[Any]) -> None:
    change(ALARM)
    mail_alarms(at(1))
    for seconds, state in ((60, OK), (120, ALARM), (180, OK), (240, ALARM)):
        change(state, seconds)
        assert mail_alarms(at(seconds + 1)) == 0
    assert mail_alarms(at(301)) == 1
    assert mailoutbox[1].subject == f"[MangaAssist] 警報 / ALARM (critical): {BLOCKED}"
    assert "3 more changes since 2026-11-25 12:01:00 JST" in mailoutbox[1].body
    assert mail_alarms(at(302)) == 0


def test_one_alarm_waits_for_no_other(mailoutbox: list[Any]) -> None:
    change(ALARM)
    mail_alarms(at(1))
    change(ALARM, 2, QUARANTINED)
    assert mail_alarms(at(3)) == 1


def test_a_critical_alarm_is_repeated_every_hour_while_it_rings(mailoutbox: list[Any]) -> None:
    change(ALARM)
    told = [mail_alarms(at(seconds)) for seconds in (1, 3_000, 3_602, 3_700, 7_203)]
    assert told == [1, 0, 1, 0, 1]
    assert mailoutbox[1].subject.startswith("[MangaAssist] 継続中 / still 警報 / ALARM")
    change(OK, 8_000)
    assert [mail_alarms(at(seconds)) for seconds in (8_001, 20_000)] == [1, 0]


def test_a_warning_is_not_repeated(mailoutbox: list[Any]) -> None:
    change(ALARM, alarm=QUARANTINED)
    assert [mail_alarms(at(seconds)) for seconds in (1, 10_000)] == [1, 0]


def test_nothing_is_configured_and_nothing_is_sent(settings: Any, mailoutbox: list[Any]) -> None:
    settings.NOTIFY_EMAILS = []
    change(ALARM)
    assert mail_alarms(at(1)) == post_alarms(at(1)) == 1
    assert mailoutbox == []


def test_an_alarm_that_is_defined_no_more_is_not_told(mailoutbox: list[Any]) -> None:
    change(ALARM)
    AlarmEvent.objects.update(alarm="gone")
    assert mail_alarms(at(1)) == 0


@pytest.mark.usefixtures("no_mail_server")
def test_a_failed_email_is_tried_again_and_keeps_the_webhook_from_nothing(webhook: Webhook) -> None:
    change(ALARM)
    with pytest.raises(OSError, match="refused"):
        mail_alarms(at(1))
    assert post_alarms(at(1)) == 1
    assert AlarmEvent.objects.get().mailed_at is None


def test_a_webhook_that_refuses_is_asked_again(webhook: Webhook) -> None:
    change(ALARM)
    webhook.status = 500
    with pytest.raises(HTTPError):
        post_alarms(at(1))
    webhook.status = 200
    assert [post_alarms(at(2)), post_alarms(at(3))] == [1, 0]


def test_a_notice_that_is_refused_keeps_no_other_from_being_told(webhook: Webhook) -> None:
    change(ALARM, alarm=QUARANTINED)
    change(ALARM)
    webhook.refused = BLOCKED
    with pytest.raises(HTTPError, match="400"):
        post_alarms(at(1))
    assert AlarmEvent.objects.get(alarm=QUARANTINED).posted_at == at(1)
    assert AlarmEvent.objects.get(alarm=BLOCKED).posted_at is None


@pytest.mark.django_db(transaction=True)
def test_of_several_keepers_one_tells(mailoutbox: list[Any]) -> None:
    change(ALARM)
    at_once = threading.Barrier(4)

    def keep() -> None:
        at_once.wait()
        mail_alarms(at(1))
        connection.close()

    keepers = [threading.Thread(target=keep) for _ in range(4)]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert len(mailoutbox) == 1
