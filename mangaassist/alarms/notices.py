"""Tells people of alarms by e-mail and webhook: at once, then seldom, and each change only once.

Of a muted alarm nobody is told; when that ends, one notice tells what has happened meanwhile. An
alarm that somebody has taken on is not repeated.

What was told long ago or, by a clock that was ahead, will be told long from now, delays nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from urllib3.exceptions import HTTPError

from mangaassist import webhook
from mangaassist.alarms import texts
from mangaassist.alarms.definitions import Severity, State
from mangaassist.alarms.handling import acknowledged, muted
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import Notice
from mangaassist.models import AlarmEvent, AlarmState

Column = Literal["mailed_at", "posted_at"]

# Of these people want to hear; between the other states nothing happened to them.
NEWS = Q(state=State.ALARM) | Q(before=State.ALARM)


def mail_alarms(now: datetime | None = None) -> int:
    """Keeper duty: mails what nobody was told yet. Raises OSError; the keeper tries again."""
    return _tell("mailed_at", mail, now or timezone.now())


def post_alarms(now: datetime | None = None) -> int:
    """Keeper duty: posts what the webhook was not told yet. Raises HTTPError."""
    return _tell("posted_at", post, now or timezone.now())


def mail(notice: Notice) -> None:
    if settings.NOTIFY_EMAILS:
        send_mail(texts.subject(notice), texts.body(notice), None, settings.NOTIFY_EMAILS)


def post(notice: Notice) -> None:
    webhook.post(texts.payload(notice))


def _tell(column: Column, send: Callable[[Notice], None], now: datetime) -> int:
    """Sends at most one notice of each alarm, newest first. Raises the first failure at the end:
    a notice that is refused stops no other."""
    silent = AlarmState.objects.filter(muted(now)).values("name")
    untold = AlarmEvent.objects.filter(NEWS, alarm__in=defined(), **{column: None})
    alarms = (
        untold.exclude(alarm__in=silent)
        .values_list("alarm")
        .annotate(newest=Max("pk"))
        .order_by("-newest")
    )
    steps = [(_tell_news, alarm) for alarm, _ in alarms]
    steps += [(_repeat, alarm) for alarm in _ringing(now)]
    told, failures = 0, []
    for step, alarm in steps:
        try:
            told += step(alarm, column, send, now)
        except (OSError, HTTPError) as failure:
            failures.append(failure)
    if failures:
        raise failures[0]
    return told


@transaction.atomic
def _tell_news(alarm: str, column: Column, send: Callable[[Notice], None], now: datetime) -> bool:
    """One notice of all changes since the last one; False while it must wait, or another has it."""
    events = AlarmEvent.objects.filter(NEWS, alarm=alarm)
    untold = events.filter(**{column: None}).order_by("pk")
    first = untold.first()
    if first is None or not _locked(first, column):
        return False
    last = events.aggregate(told=Max(column))["told"]
    if last is not None and abs(now - last) < timedelta(seconds=settings.ALARM_NOTICE_EVERY):
        return False
    changes = list(untold)
    send(Notice(defined()[alarm], changes[-1], changes[0].at, len(changes) - 1, repeated=False))
    untold.filter(pk__lte=changes[-1].pk).update(**{column: now})
    return True


def _ringing(now: datetime) -> list[str]:
    """Critical ones of which people shall hear again."""
    rows = AlarmState.objects.filter(state=State.ALARM, severity=Severity.CRITICAL)
    rows = rows.exclude(
        pk__in=AlarmState.objects.filter(muted(now) | acknowledged(now)).values("pk")
    )
    return list(rows.filter(name__in=defined()).values_list("name", flat=True))


@transaction.atomic
def _repeat(alarm: str, column: Column, send: Callable[[Notice], None], now: datetime) -> bool:
    """Tells again of a critical alarm that people heard of long ago."""
    event = AlarmEvent.objects.filter(alarm=alarm).order_by("pk").last()
    if event is None or event.state != State.ALARM:
        return False
    last: datetime | None = getattr(event, column)
    if last is None or abs(now - last) < timedelta(seconds=settings.ALARM_REPEAT_EVERY):
        return False
    if not _locked(event, column):
        return False
    send(Notice(defined()[alarm], event, event.at, 0, repeated=True))
    AlarmEvent.objects.filter(pk=event.pk).update(**{column: now})
    return True


def _locked(event: AlarmEvent, column: Column) -> bool:
    """Whether this process may tell: nobody holds the event, or has told of it since it was read.

    The events are held and not the alarm's state, which must change while a mail server hangs.
    """
    unchanged = {"pk": event.pk, column: getattr(event, column)}
    return AlarmEvent.objects.select_for_update(skip_locked=True).filter(**unchanged).exists()
