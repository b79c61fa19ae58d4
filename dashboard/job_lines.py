"""Lines of jobs as their templates need them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from dashboard.jobs import JobLine
from dashboard.texts import HELD, JOB_STATES, WORDS, in_
from dashboard.times import about, since
from enrichment.models import Job
from mangaassist.language import Language
from mangaassist.messages import Texts
from mangaassist.scaling.forecast import Outlook


def drawn(
    job: JobLine, language: Language, now: datetime | None = None, hold: Texts | None = None
) -> dict[str, Any]:
    """now: to tell the age; hold: why no job gets further."""
    return {
        "line": job,
        "state": in_(language, HELD if job.held else JOB_STATES[Job.State(job.state)]),
        "segments": list(job.segments),
        "percent": int(100 * job.done / job.total) if job.total else 100,
        "eta": time_left(job, language, hold),
        "age": since(job.begun, now, language) if now else "",
    }


def time_left(job: JobLine, language: Language, hold: Texts | None = None) -> str:
    """How long it takes, with the bounds of that, or why nobody can say."""
    if not job.open or job.ended:
        return "-"
    if job.held:
        return in_(language, HELD)
    if job.is_paused:
        return in_(language, JOB_STATES[Job.State.PAUSED])
    if hold is not None:
        return in_(language, hold)
    ahead = job.progress.forecast
    if ahead.outlook is not Outlook.DRAINS:
        return in_(language, WORDS["measuring" if job.running else "stalled"])
    return about(ahead, language)
