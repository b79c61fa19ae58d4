"""The HTML of a snapshot: the overview."""

from __future__ import annotations

from collections.abc import Hashable
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import SafeString, mark_safe

from dashboard.job_lines import drawn
from dashboard.jobs import JobLine
from dashboard.snapshot import Snapshot
from dashboard.texts import in_, words
from dashboard.times import since
from mangaassist.language import Language

KEPT = 256  # parts of the last snapshots, since a job that rests need not be drawn each second


def live(snapshot: Snapshot, language: Language) -> str:
    """The part of the page that changes."""
    verdict = snapshot.verdict
    context = {
        "words": words(language),
        "at": timezone.localtime(snapshot.at),
        "verdict": {
            "level": verdict.level.value,
            "word": in_(language, verdict.word),
            "reasons": [
                (reason.level.value, in_(language, reason.text)) for reason in verdict.reasons
            ],
        },
        "alarms": [
            {
                "line": alarm,
                "title": in_(language, alarm.title),
                "since": since(alarm.since, snapshot.at, language),
            }
            for alarm in snapshot.alarms
        ],
    }
    with translation.override(language.value):
        rows = [_job(job, language) for job in snapshot.jobs]
        context |= {
            "jobs": mark_safe("".join(rows)),  # noqa: S308  # Each row is a template's.
            "pools": _part("pools", language, pools=tuple(snapshot.pools)),
            "queues": _part(
                "queues", language, queues=tuple(snapshot.queues), window=snapshot.window,
                outstanding=snapshot.outstanding, factors=tuple(snapshot.factors.items()),
            ),
        }  # fmt: skip
        return render_to_string("dashboard/live.html", context)


@lru_cache(KEPT)
def _job(job: JobLine, language: Language) -> SafeString:
    context = {"words": words(language), "job": drawn(job, language)}
    return render_to_string("dashboard/job_row.html", context)


@lru_cache(KEPT)
def _part(name: str, language: Language, **shown: Hashable) -> SafeString:
    return render_to_string(f"dashboard/live_{name}.html", {"words": words(language), **shown})
