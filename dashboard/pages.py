"""The HTML of a snapshot: the overview."""

from __future__ import annotations

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from dashboard.jobs import JobLine
from dashboard.snapshot import Snapshot
from dashboard.texts import JOB_STATES, WORDS, in_, words
from dashboard.times import since, spell
from enrichment.models import Job
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
        "jobs": [_job(job, language) for job in snapshot.jobs],
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


def _job(job: JobLine, language: Language) -> dict[str, Any]:
    return {
        "line": job,
        "state": in_(language, JOB_STATES[Job.State(job.state)]),
        "segments": list(job.segments),
        "percent": int(100 * job.done / job.total) if job.total else 100,
        "eta": _eta(job, language),
    }


def _eta(job: JobLine, language: Language) -> str:
    if not job.open or job.is_paused:
        return "-"
    if job.eta is None:
        return in_(language, WORDS["stalled"])
    return in_(language, WORDS["about"]).format(time=spell(job.eta, language))
