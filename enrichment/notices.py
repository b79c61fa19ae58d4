"""Tells staff that a job has ended, or is held by its budget: by e-mail and by webhook, where they
are configured."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from enrichment.budget import spent
from enrichment.models import Job
from enrichment.obstacles import obstacles
from enrichment.progress import counts
from mangaassist import webhook
from mangaassist.language import Language

STOPPED = Q(ended_at__isnull=False) | Q(held=True)


def mail_ended_jobs() -> int:
    """Keeper duty: mails what nobody was told yet. Raises OSError; the keeper tries again."""
    return _tell("mailed_at", mail)


def post_ended_jobs() -> int:
    """Keeper duty: posts what the webhook was not told yet. Raises HTTPError or OSError."""
    return _tell("posted_at", post)


def _tell(column: str, send: Callable[[Job], None]) -> int:
    """Sends a notice of each stop once, newest first, so that an old failure stops no news."""
    untold = Job.objects.filter(STOPPED, **{column: None})
    ids = list(untold.order_by(F("ended_at").desc(nulls_first=True)).values_list("pk", flat=True))
    return sum(_tell_one(job, column, send) for job in ids)


@transaction.atomic
def _tell_one(job_id: int, column: str, send: Callable[[Job], None]) -> bool:
    """False when another keeper has the job; holding the row keeps others from sending it too."""
    untold = Job.objects.filter(STOPPED, pk=job_id, **{column: None})
    job = untold.select_for_update(skip_locked=True).first()
    if job is None:
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
    now = counts([job])[job.pk]
    state = "held by its budget" if job.held else job.state
    return f"[MangaAssist] {job.release.name}: {state} ({now.done}/{job.total})"


def body(job: Job) -> str:
    lines = [f"{state}: {count}" for state, count in sorted(counts([job])[job.pk].by_state.items())]
    if job.held:
        lines += [*obstacles(job, Language.JA), *obstacles(job, Language.EN)]
    return "\n".join(
        [f"ジョブ / Job #{job.pk}", f"リリース / Release: {job.release.name}", *lines, ""]
    )


def payload(job: Job) -> dict[str, Any]:
    """The webhook's body: the job, its release and state, counts by item state, and its end.

    A held job has its budget and what it spent too, in USD.
    """
    held = {"budget": str(job.budget), "spent": str(spent(job.pk))} if job.held else {}
    return {
        "event": "job_held" if job.held else "job_ended",
        "job": job.pk,
        "release": job.release.name,
        "state": job.state,
        "total": job.total,
        "counts": counts([job])[job.pk].by_state,
        "endedAt": job.ended_at.isoformat() if job.ended_at else None,
        **held,
    }
