"""Tells staff that a job has ended: by e-mail and by webhook, where they are configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from enrichment.models import Job
from mangaassist import webhook


def mail_ended_jobs() -> int:
    """Keeper duty: mails what nobody was told yet. Raises OSError; the keeper tries again."""
    return _tell("mailed_at", mail)


def post_ended_jobs() -> int:
    """Keeper duty: posts what the webhook was not told yet. Raises HTTPError or OSError."""
    return _tell("posted_at", post)


def _tell(column: str, send: Callable[[Job], None]) -> int:
    """Sends a notice of each ended job once, newest first, so that an old failure stops no news."""
    untold = Job.objects.filter(ended_at__isnull=False, **{column: None})
    ids = list(untold.order_by("-ended_at").values_list("pk", flat=True))
    return sum(_tell_one(job, column, send) for job in ids)


@transaction.atomic
def _tell_one(job_id: int, column: str, send: Callable[[Job], None]) -> bool:
    """False when another keeper has the job; holding the row keeps others from sending it too."""
    untold = Job.objects.select_for_update(skip_locked=True).filter(pk=job_id, **{column: None})
    job = untold.first()
    if job is None or job.ended_at is None:
        return False
    send(job)
    Job.objects.filter(pk=job_id).update(**{column: timezone.now()})
    return True


def mail(job: Job) -> None:
    if settings.NOTIFY_EMAILS:
        send_mail(subject(job), body(job), None, settings.NOTIFY_EMAILS)


def post(job: Job) -> None:
    """Posts the job as JSON. Raises HTTPError for a refusal."""
    webhook.post(payload(job))


def subject(job: Job) -> str:
    done = (job.counts or {}).get("done", 0)
    return f"[MangaAssist] {job.release.name}: {job.state} ({done}/{job.total})"


def body(job: Job) -> str:
    lines = [f"{state}: {count}" for state, count in sorted((job.counts or {}).items())]
    return "\n".join(
        [f"ジョブ / Job #{job.pk}", f"リリース / Release: {job.release.name}", *lines, ""]
    )


def payload(job: Job) -> dict[str, Any]:
    """The webhook's body: the job, its release and state, counts by item state, and its end."""
    return {
        "event": "job_ended",
        "job": job.pk,
        "release": job.release.name,
        "state": job.state,
        "total": job.total,
        "counts": job.counts,
        "endedAt": job.ended_at.isoformat() if job.ended_at else None,
    }
