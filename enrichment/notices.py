"""Tells staff that a job has ended: by e-mail and by webhook, where they are configured."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import structlog
import urllib3
from django.conf import settings
from django.core.mail import send_mail

from enrichment.models import Job

log = structlog.get_logger(__name__)
_http = urllib3.PoolManager(retries=False)


def notify(job: Job) -> bool:
    """Sends every configured notice. False when one failed; the caller tries again later."""
    return all([_sent(channel, job) for channel in (mail, webhook)])


def _sent(channel: Callable[[Job], None], job: Job) -> bool:
    try:
        channel(job)
    except (OSError, urllib3.exceptions.HTTPError):
        log.exception("notice_failed", job=job.pk, channel=channel.__name__)
        return False
    return True


def mail(job: Job) -> None:
    if settings.NOTIFY_EMAILS:
        send_mail(subject(job), body(job), None, settings.NOTIFY_EMAILS)


def webhook(job: Job) -> None:
    """Posts the job as JSON. Raises HTTPError for a refusal."""
    if not settings.NOTIFY_WEBHOOK_URL:
        return
    answer = _http.request(
        "POST",
        settings.NOTIFY_WEBHOOK_URL,
        body=json.dumps(payload(job), ensure_ascii=False),
        headers={"Content-Type": "application/json"},
        timeout=settings.NOTIFY_TIMEOUT,
    )
    if answer.status >= 300:
        raise urllib3.exceptions.HTTPError(f"the webhook answered {answer.status}")


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
