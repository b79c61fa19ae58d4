"""The HTML of a snapshot: the overview."""

from __future__ import annotations

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.job_lines import drawn
from dashboard.snapshot import Snapshot
from dashboard.texts import in_, words
from dashboard.times import since
from mangaassist.alarms.texts import runbook
from mangaassist.language import Language


def live(snapshot: Snapshot, language: Language) -> str:
    """The part of the page that changes."""
    verdict = snapshot.verdict
    context = {
        "words": words(language),
        "at": timezone.localtime(snapshot.at),
        "snapshot": snapshot,
        "verdict": {
            "level": verdict.level.value,
            "word": in_(language, verdict.word),
            "reasons": [
                (reason.level.value, in_(language, reason.text)) for reason in verdict.reasons
            ],
        },
        "jobs": [drawn(job, language) for job in snapshot.jobs],
        "alarms": [
            {
                "line": alarm,
                "title": in_(language, alarm.title),
                "runbook": runbook(alarm.kind),
                "since": since(alarm.since, snapshot.at, language),
            }
            for alarm in snapshot.alarms
        ],
    }
    with translation.override(language.value):
        return render_to_string("dashboard/live.html", context)
