"""The pages of alarms: all of them, and one with its diagnosis, its history and what to do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.admin.views.decorators import staff_member_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from dashboard import runbook
from dashboard.access import actor, looking, operates, operating
from dashboard.alarm_texts import SEVERITIES, STATES, WORDS
from dashboard.alarms import Row, evidence, row, rows
from dashboard.charts import Line
from dashboard.forms import number, plain
from dashboard.shell import language_of, show
from dashboard.texts import in_
from dashboard.times import since
from mangaassist.alarms import handling
from mangaassist.alarms.definitions import Alarm, Severity, State
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import reason
from mangaassist.language import Language
from mangaassist.models import AlarmEvent, AlarmState

EVENTS = 30
MOST_HOURS = int(handling.LONGEST.total_seconds()) // 3_600


@staff_member_required
@looking
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """All alarms by their states."""
    language, now = language_of(request), timezone.now()
    found = [_drawn(one, now, language) for one in rows(now)]
    groups = [
        {
            "state": state.value,
            "name": in_(language, text),
            "rows": [one for one in found if one["row"].state.state == state],
        }
        for state, text in STATES.items()
    ]
    context = {"own": _own(language), "groups": groups, "evaluated": bool(found)}
    return show(request, "dashboard/alarms.html", "alarms", context)


@staff_member_required
@looking
@require_safe
def alarm(request: HttpRequest, name: str) -> HttpResponse:
    """One alarm."""
    definition, state = _find(name)
    language, now = language_of(request), timezone.now()
    own = _own(language)
    events = AlarmEvent.objects.filter(alarm=name).order_by("-pk")[:EVENTS]
    changes = [_changed(event, language) for event in events]
    context = {
        "own": own,
        "one": _drawn(row(definition, state, now), now, language),
        "meaning": in_(language, definition.meaning),
        "rule": _rule(definition, own),
        "evidence": evidence(definition, now),
        "blocks": runbook.blocks(definition, language),
        "related": list(_related(definition, language)),
        "changes": changes,
        "last": changes[0] if changes else None,
        "may_act": operates(request),
        "most_hours": MOST_HOURS,
    }
    return show(request, "dashboard/alarm.html", "alarms", context)


@staff_member_required
@operating
@require_POST
def handle(request: HttpRequest, name: str) -> HttpResponse:
    """Acknowledges, mutes or unmutes an alarm."""
    _find(name)
    asked, user = request.POST, actor(request)
    lasting = timedelta(hours=number(asked, "hours", 1, highest=MOST_HOURS))
    match asked.get("do"):
        case "acknowledge":
            handling.acknowledge(user, name, lasting)
        case "mute":
            handling.mute(user, name, lasting, plain(asked.get("why", "")))
        case "unmute":
            handling.unmute(user, name)
    return HttpResponseRedirect(reverse("dashboard:alarm", args=[name]))


def _find(name: str) -> tuple[Alarm, AlarmState]:
    if name not in defined():
        raise Http404(name)
    return defined()[name], get_object_or_404(AlarmState, name=name)


def _drawn(found: Row, now: datetime, language: Language) -> dict[str, Any]:
    """A row with its words."""
    alarm, state, own = found.alarm, found.state, _own(language)
    rings = f"{alarm.comparison} {alarm.threshold:g}"
    value = "-" if state.value is None else f"{state.value:,.4g}"
    said = own["line_none"]
    if any(value is not None for value in found.values):
        said = own["line_desc"].format(now=value, rings=rings)
    line = Line(in_(language, alarm.title), said, found.values, alarm.threshold)
    return {
        "row": found,
        "title": in_(language, alarm.title),
        "state": in_(language, STATES[State(state.state)]),
        "severity": in_(language, SEVERITIES[Severity(state.severity)]),
        "value": value,
        "rings": rings,
        "since": since(state.since, now, language),
        "line": line if found.values else None,
        "handled": list(_handled(found, own)),
    }


def _handled(found: Row, own: dict[str, str]) -> Iterator[str]:
    state = found.state
    if found.is_acknowledged:
        until = _time(state.acknowledged_until)
        yield own["acknowledged"].format(who=state.acknowledged_by, until=until)
    if found.is_muted:
        why = f"({state.muted_why})" if state.muted_why else ""
        yield own["muted"].format(who=state.muted_by, until=_time(state.muted_until), why=why)


def _changed(event: AlarmEvent, language: Language) -> dict[str, Any]:
    """An event in words: its states before and after, why, and how people were told; untold where
    none hear."""
    before, after = (in_(language, STATES[State(one)]) for one in (event.before, event.state))
    own = _own(language)
    ways = [
        own[word]
        for word, at, asked in (
            ("by_mail", event.mailed_at, settings.NOTIFY_EMAILS),
            ("by_hook", event.posted_at, settings.NOTIFY_WEBHOOK_URL),
        )
        if at and asked
    ]
    told = " ".join(ways) or own["to_nobody"]
    why = reason(event, language)
    return {"event": event, "before": before, "after": after, "reason": why, "told": told}


def _rule(alarm: Alarm, own: dict[str, str]) -> str:
    text = own["rule_is"].format(
        period=alarm.period, windows=alarm.windows, breaches=alarm.breaches,
        expression=alarm.expression.text, rings=f"{alarm.comparison} {alarm.threshold:g}",
    )  # fmt: skip
    if alarm.clear == alarm.threshold:
        return text
    return f"{text}; {own['ends'].format(clear=f'{alarm.comparison} {alarm.clear:g}')}"


def _related(alarm: Alarm, language: Language) -> Iterator[dict[str, Any]]:
    """The states now of other alarms that the runbook's section names."""
    kinds = runbook.kinds_named(alarm.kind)
    for state in AlarmState.objects.filter(kind__in=kinds, name__in=defined()):
        yield {
            "name": state.name,
            "title": in_(language, defined()[state.name].title),
            "state": in_(language, STATES[State(state.state)]),
            "rings": state.state == State.ALARM,
        }


def _own(language: Language) -> dict[str, str]:
    return {name: in_(language, text) for name, text in WORDS.items()}


def _time(at: datetime | None) -> str:
    return "" if at is None else timezone.localtime(at).strftime("%m-%d %H:%M")
