"""Notices by e-mail and webhook, and what becomes of one that fails."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.utils import timezone

from enrichment.models import Job
from enrichment.notices import notify
from local import ports
from tests.enrichment.factories import make_job

pytestmark = pytest.mark.django_db


class Webhook(ThreadingHTTPServer):
    """Keeps what was posted, and answers with `status`."""

    status = 200

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Receiver)
        self.posted: list[dict[str, Any]] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/hook"


class Receiver(BaseHTTPRequestHandler):
    server: Webhook

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.posted.append(json.loads(body))
        self.send_response(self.server.status)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def webhook(settings: Any) -> Iterator[Webhook]:
    with Webhook() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        settings.NOTIFY_WEBHOOK_URL = server.url
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def job() -> Job:
    job = make_job(titles=3)
    job.state, job.counts, job.ended_at = Job.State.FAILED, {"done": 2, "failed": 1}, timezone.now()
    job.save()
    return job


def test_nothing_is_configured_and_nothing_is_sent(job: Job, mailoutbox: list[Any]) -> None:
    assert notify(job)
    assert mailoutbox == []


def test_an_email_says_how_the_job_ended(job: Job, settings: Any, mailoutbox: list[Any]) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com", "ops@example.com"]
    assert notify(job)
    [mail] = mailoutbox
    assert mail.to == ["staff@example.com", "ops@example.com"]
    assert mail.subject == f"[MangaAssist] {job.release.name}: failed (2/3)"
    assert "done: 2\nfailed: 1" in mail.body


def test_a_webhook_gets_the_job_as_json(job: Job, webhook: Webhook) -> None:
    assert notify(job)
    assert job.ended_at
    assert webhook.posted == [
        {
            "event": "job_ended", "job": job.pk, "release": job.release.name, "state": "failed",
            "total": 3, "counts": {"done": 2, "failed": 1}, "endedAt": job.ended_at.isoformat(),
        }
    ]  # fmt: skip


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_webhook_that_refuses_is_a_failure(job: Job, webhook: Webhook, status: int) -> None:
    webhook.status = status
    assert not notify(job)


def test_a_webhook_that_is_not_there_is_a_failure(job: Job, settings: Any) -> None:
    settings.NOTIFY_WEBHOOK_URL = f"http://127.0.0.1:{ports.free()}/hook"
    assert not notify(job)


def test_a_mail_server_that_is_not_there_is_a_failure(job: Job, settings: Any) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = ports.free()
    assert not notify(job)


def test_a_failed_email_keeps_the_webhook_from_nothing(
    job: Job, settings: Any, webhook: Webhook
) -> None:
    settings.NOTIFY_EMAILS = ["staff@example.com"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = ports.free()
    notify(job)
    assert len(webhook.posted) == 1
