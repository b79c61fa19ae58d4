"""Notices by e-mail and webhook, and what becomes of one that fails."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from urllib3.exceptions import HTTPError

from enrichment.models import Job
from enrichment.notices import mail_ended_jobs, post_ended_jobs
from local import ports
from mangaassist.webhook import SIGNATURE, TIMESTAMP, signature
from tests.enrichment.factories import make_job
from tests.mangaassist.receiver import Webhook, no_mail_server, webhook

__all__ = ["no_mail_server", "webhook"]

pytestmark = pytest.mark.django_db


@pytest.fixture
def job() -> Job:
    job = make_job(titles=3)
    job.state, job.counts, job.ended_at = Job.State.FAILED, {"done": 2, "failed": 1}, timezone.now()
    job.save()
    return job


def test_nothing_is_configured_and_nothing_is_sent(job: Job, mailoutbox: list[Any]) -> None:
    assert mail_ended_jobs() == post_ended_jobs() == 1
    assert mailoutbox == []


def test_a_job_that_goes_on_is_no_news(settings: Any, mailoutbox: list[Any]) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    make_job(titles=1)
    assert mail_ended_jobs() == 0
    assert mailoutbox == []


def test_an_email_says_how_the_job_ended(job: Job, settings: Any, mailoutbox: list[Any]) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com", "ops@example.com"]
    mail_ended_jobs()
    [mail] = mailoutbox
    assert mail.to == ["staff@example.com", "ops@example.com"]
    assert mail.subject == f"[MangaAssist] {job.release.name}: failed (2/3)"
    assert "done: 2\nfailed: 1" in mail.body


def test_a_webhook_gets_the_job_as_json(job: Job, webhook: Webhook) -> None:
    post_ended_jobs()
    assert job.ended_at
    assert webhook.posted == [
        {
            "event": "job_ended", "job": job.pk, "release": job.release.name, "state": "failed",
            "total": 3, "counts": {"done": 2, "failed": 1}, "endedAt": job.ended_at.isoformat(),
        }
    ]  # fmt: skip


def test_a_webhook_can_verify_who_posted(job: Job, webhook: Webhook, settings: Any) -> None:
    settings.NOTIFY_WEBHOOK_SECRET = "of both sides"
    post_ended_jobs()
    [(headers, body)] = webhook.received
    expected = signature(body, "of both sides", int(headers[TIMESTAMP]))
    assert headers[SIGNATURE] == expected[SIGNATURE]


def test_staff_hear_of_the_end_once(job: Job, settings: Any, mailoutbox: list[Any]) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    assert [mail_ended_jobs(), mail_ended_jobs()] == [1, 0]
    assert len(mailoutbox) == 1


@pytest.mark.django_db(transaction=True)
def test_staff_hear_of_the_end_once_from_several_keepers(
    job: Job, settings: Any, mailoutbox: list[Any]
) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    at_once = threading.Barrier(4)

    def keep() -> None:
        at_once.wait()
        mail_ended_jobs()
        connection.close()

    keepers = [threading.Thread(target=keep) for _ in range(4)]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert len(mailoutbox) == 1


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_asked_again(job: Job, webhook: Webhook, status: int) -> None:
    webhook.status = status
    with pytest.raises(HTTPError):
        post_ended_jobs()
    webhook.status = 200
    assert [post_ended_jobs(), post_ended_jobs()] == [1, 0]
    assert len(webhook.posted) == 2


def test_a_webhook_that_is_not_there_is_a_failure(job: Job, settings: Any) -> None:
    settings.NOTIFY_WEBHOOK_URL = f"http://127.0.0.1:{ports.free()}/hook"
    with pytest.raises(HTTPError):
        post_ended_jobs()


@pytest.mark.usefixtures("no_mail_server")
def test_a_mail_server_that_is_not_there_is_a_failure(job: Job) -> None:
    with pytest.raises(OSError, match="refused"):
        mail_ended_jobs()
    job.refresh_from_db()
    assert job.mailed_at is None


@pytest.mark.usefixtures("no_mail_server")
def test_a_failed_email_keeps_the_webhook_from_nothing(job: Job, webhook: Webhook) -> None:
    with pytest.raises(OSError, match="refused"):
        mail_ended_jobs()
    assert post_ended_jobs() == 1
    assert len(webhook.posted) == 1


def test_an_old_failure_stops_no_news(job: Job, webhook: Webhook) -> None:
    webhook.status = 500
    with pytest.raises(HTTPError):
        post_ended_jobs()
    news = make_job(titles=1)
    Job.objects.filter(pk=news.pk).update(ended_at=timezone.now(), counts={"done": 1})
    with pytest.raises(HTTPError):
        post_ended_jobs()
    assert [posted["job"] for posted in webhook.posted] == [job.pk, news.pk]
