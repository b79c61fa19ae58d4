"""What people are told of an alarm, in Japanese and English, and the webhook's document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from mangaassist.alarms.definitions import Alarm, State
from mangaassist.language import Language
from mangaassist.messages import Texts
from mangaassist.models import AlarmEvent

WORDS = {
    State.ALARM: Texts("警報", "ALARM"),
    State.OK: Texts("復旧", "OK"),
    State.INSUFFICIENT_DATA: Texts("データなし", "NO DATA"),
}

REASON = Texts(
    "{period}秒の窓{windows}個のうち{bad}個が {comparison} {limit}（{breaches}個で鳴ります）、"
    "新しい順: {values}",
    "{bad} of {windows} windows of {period} s {comparison} {limit} (rings at {breaches}), "
    "newest first: {values}",
)


@dataclass(frozen=True)
class Notice:
    """What is told at once. event: the last change; since: the first one that was not told;
    more: how many changes there were between the two, with the first."""

    alarm: Alarm
    event: AlarmEvent
    since: datetime
    more: int
    repeated: bool


def runbook(kind: str) -> str:
    """The address of the section about alarms of a kind."""
    return f"{settings.RUNBOOK_URL}#{kind}"


def reason(event: AlarmEvent, language: str) -> str:
    """Why an alarm changed; in English where an older version has written it."""
    return REASON.text(language, event.figures) if event.figures else event.reason


def subject(notice: Notice) -> str:
    word, alarm = WORDS[State(notice.event.state)], notice.alarm
    still = "継続中 / still " if notice.repeated else ""
    severity = f" ({alarm.severity})" if notice.event.state == State.ALARM else ""
    return f"[MangaAssist] {still}{word.ja} / {word.en}{severity}: {alarm.name}"


def body(notice: Notice) -> str:
    alarm, event = notice.alarm, notice.event
    lines = [
        alarm.title.ja, alarm.title.en, "", alarm.meaning.ja, alarm.meaning.en, "",
        f"状態 / State: {event.state} ({alarm.severity})",
        f"いつから / Since: {_time(event.at)}",
        f"値 / Value: {_number(event.value)} (閾値 / threshold {alarm.comparison} "
        f"{_number(event.threshold)})",
        f"理由: {reason(event, Language.JA)}",
        f"Reason: {reason(event, Language.EN)}",
    ]  # fmt: skip
    if event.cause:
        lines.append(f"原因 / Cause: {event.cause}")
    if notice.more:
        lines.append(_flapping(notice))
    lines += ["", f"最初に / First: {alarm.look}", f"手順 / Runbook: {runbook(alarm.kind)}", ""]
    return "\n".join(lines)


def payload(notice: Notice) -> dict[str, Any]:
    """The webhook's body."""
    alarm, event = notice.alarm, notice.event
    return {
        "event": "alarm",
        "alarm": alarm.name,
        "kind": alarm.kind,
        "subject": alarm.subject,
        "severity": alarm.severity,
        "state": event.state,
        "before": event.before,
        "at": event.at.isoformat(),
        "repeated": notice.repeated,
        "moreChanges": notice.more,
        "moreSince": notice.since.isoformat(),
        "value": event.value,
        "comparison": alarm.comparison,
        "threshold": event.threshold,
        "reason": event.reason,
        "cause": event.cause,
        "title": alarm.title._asdict(),
        "meaning": alarm.meaning._asdict(),
        "look": alarm.look,
        "runbook": runbook(alarm.kind),
    }


def _flapping(notice: Notice) -> str:
    since = _time(notice.since)
    return f"{since} からさらに{notice.more}回変化 / {notice.more} more changes since {since}"


def _time(at: datetime) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M:%S %Z")


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:,.6g}"
