"""The pages of alarms: states, values, diagnosis, and who may do something about them."""

from __future__ import annotations

from datetime import timedelta
from html import escape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from dashboard.alarms import evidence, rows, values
from mangaassist import metrics
from mangaassist.alarms.definitions import State
from mangaassist.alarms.duty import evaluate
from mangaassist.alarms.parsing import defined
from mangaassist.metrics import samples
from mangaassist.metrics.registry import Measured
from mangaassist.models import AlarmEvent, AlarmState, AuditEntry

pytestmark = pytest.mark.django_db

NAME = "dead-letters:manga-enrichment-dlq.fifo"
PAGE = f"/dashboard/alarms/{NAME}/"


def measure(value: float, ago: float = 1) -> None:
    queue = (("Queue", "manga-enrichment-dlq.fifo"),)
    at = timezone.now() - timedelta(seconds=ago)
    samples.write([Measured(metrics.DLQ_DEPTH, queue, [value])], at)


def ring() -> None:
    """Three dead letters, as an evaluation finds them."""
    measure(3)
    evaluate()
    assert AlarmState.objects.get(name=NAME).state == State.ALARM


def test_what_rings_comes_first_with_its_values() -> None:
    ring()
    found = rows(timezone.now())
    assert (found[0].state.name, found[0].values[-1]) == (NAME, 3)
    assert len(found) == len(defined())
    assert not any(row.values for row in found[1:])


def test_values_are_those_of_the_windows_oldest_first() -> None:
    measure(1, ago=90)
    measure(2, ago=30)
    drawn = values([defined()[NAME]], timezone.now())[NAME]
    assert drawn[-2:] == [1, 2]


def test_the_evidence_names_metrics_with_their_values_now() -> None:
    measure(3)
    [fact] = evidence(defined()[NAME], timezone.now())
    assert fact.value == 3
    assert fact.source == "Maximum DlqDepth {Queue=manga-enrichment-dlq.fifo}"


@pytest.mark.parametrize("language", ["ja", "en"])
def test_an_alarm_shows_value_threshold_runbook_and_history(
    as_operator: Client, language: str
) -> None:
    ring()
    text = as_operator.get(f"{PAGE}?lang={language}").text
    alarm = defined()[NAME]
    assert getattr(alarm.title, language) in text
    assert "DlqDepth" in text
    assert {"ja": "ワーカーのログを調べます", "en": "find its sender"}[language] in text
    assert escape(alarm.look) in text
    assert {"ja": "データ不足 → 鳴っています", "en": "Insufficient data → In alarm"}[
        language
    ] in text


def test_the_reason_is_in_the_language_of_the_page(as_operator: Client) -> None:
    ring()
    reasons = {
        "ja": "60秒の窓1個のうち1個が &gt; 0（1個で鳴ります）、新しい順: 3",
        "en": "1 of 1 windows of 60 s &gt; 0 (rings at 1), newest first: 3",
    }
    for language, other in (("ja", "en"), ("en", "ja")):
        text = as_operator.get(f"{PAGE}?lang={language}").text
        assert text.count(reasons[language]) == 2
        assert reasons[other] not in text


def test_a_reason_from_before_it_was_kept_in_figures_is_shown_as_english(
    as_operator: Client,
) -> None:
    ring()
    AlarmEvent.objects.filter(alarm=NAME).update(figures={}, reason="1 of 1 windows")
    text = as_operator.get(f"{PAGE}?lang=ja").text
    assert text.count('lang="en">1 of 1 windows<') == 2


def test_every_alarm_has_its_page(as_operator: Client) -> None:
    evaluate()
    kinds = {alarm.kind: alarm.name for alarm in defined().values()}
    assert {
        as_operator.get(f"/dashboard/alarms/{name}/").status_code for name in kinds.values()
    } == {200}


def test_an_operator_takes_an_alarm_on_and_mutes_it(as_operator: Client) -> None:
    ring()
    as_operator.post(f"{PAGE}handle", {"do": "acknowledge", "hours": "2"})
    as_operator.post(f"{PAGE}handle", {"do": "mute", "hours": "1", "why": "保守"})
    text = as_operator.get(f"{PAGE}?lang=en").text
    assert "operator is on it" in text
    assert "by operator (保守)" in text
    assert "by operator (保守)" in as_operator.get("/dashboard/alarms/").text
    as_operator.post(f"{PAGE}handle", {"do": "unmute"})
    assert "(保守)" not in as_operator.get(f"{PAGE}?lang=en").text
    assert AuditEntry.objects.count() == 3


def test_senseless_hours_are_one_hour_and_too_many_a_week(as_operator: Client) -> None:
    ring()
    for hours, least, most in (("-3", 0.9, 1), ("9" * 30, 0.9, 1), ("999", 6 * 24, 7 * 24)):
        as_operator.post(f"{PAGE}handle", {"do": "mute", "hours": hours})
        until: Any = AlarmState.objects.get(name=NAME).muted_until
        assert timedelta(hours=least) < until - timezone.now() < timedelta(hours=most)


def test_a_nul_is_no_reason(as_operator: Client) -> None:
    ring()
    answer = as_operator.post(f"{PAGE}handle", {"do": "mute", "why": "\0"})
    assert answer.status_code == 400


def test_a_viewer_may_look_and_no_more(client: Client, viewer: User) -> None:
    ring()
    assert "/handle" not in client.get(PAGE).text
    assert client.post(f"{PAGE}handle", {"do": "mute"}).status_code == 403


def test_an_alarm_that_is_not_defined_is_not_found(as_operator: Client) -> None:
    assert as_operator.get("/dashboard/alarms/nothing/").status_code == 404


def test_the_pages_are_small(as_operator: Client) -> None:
    ring()
    event = AlarmEvent.objects.get(alarm=NAME)
    for _ in range(50):
        event.pk = None
        event.save()
    assert len(as_operator.get("/dashboard/alarms/").content) < 100_000
    assert len(as_operator.get(PAGE).content) < 100_000
