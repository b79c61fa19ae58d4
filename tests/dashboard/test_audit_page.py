"""The audit trail as staff read, filter and save it."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import Permission, User
from django.test import Client

from dashboard import audit_page
from dashboard.audit_texts import AUDIT_WORDS, DID
from enrichment import jobs
from enrichment.models import Job
from mangaassist import pausing
from mangaassist.models import AuditEntry
from tests.dashboard.conftest import login
from tests.enrichment.factories import make_job
from tests.processes import ROOT

AUDIT = "/dashboard/audit/"


@pytest.fixture
def job(operator: User) -> Job:
    """A job that somebody paused and a command resumed."""
    made = make_job()
    jobs.pause(made.pk, operator)
    jobs.resume(made.pk)
    return made


def did(client: Client, **query: str | int) -> list[str]:
    text = client.get(AUDIT, {"lang": "en", **query}).text
    return re.findall(r"</td><td>(\w+)</td>", text)


def test_entries_are_found_by_person_action_and_object(client: Client, job: Job) -> None:
    assert did(client) == ["resumed", "paused"]
    assert did(client, user="operator") == ["paused"]
    assert did(client, action="resume") == ["resumed"]
    assert did(client, kind="job", row=job.pk) == ["resumed", "paused"]
    assert did(client, kind="job", row=job.pk + 1) == []


def test_an_entry_shows_only_what_differs(client: Client, job: Job) -> None:
    text = client.get(AUDIT, {"lang": "en", "action": "pause"}).text
    assert "state: open → paused" in text
    assert "lane:" not in text
    assert AUDIT_WORDS["system"].en in client.get(AUDIT, {"lang": "en", "action": "resume"}).text


def test_pages_lead_to_each_other(
    client: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_page, "SIZE", 1)
    newest, oldest = AuditEntry.objects.order_by("-pk")
    [older] = re.findall(r'href="([^"]*)" rel="next"', client.get(AUDIT).text)
    assert parse_qs(unescape(older).partition("?")[2]) == {"before": [str(newest.pk)]}
    assert did(client, before=newest.pk) == ["paused"]
    text = client.get(AUDIT, {"before": newest.pk}).text
    assert f"after={oldest.pk}" in text
    assert 'rel="next"' not in text


@pytest.mark.parametrize("name", ["user", "action", "kind", "row"])
def test_a_nul_is_refused(client: Client, operator: User, name: str) -> None:
    assert client.get(AUDIT, {name: "\0"}).status_code == 400


def read(client: Client, **query: str) -> list[list[str]]:
    answer: Any = client.get(AUDIT, {"format": "csv", **query})
    assert "attachment" in answer["Content-Disposition"]

    async def whole() -> bytes:
        return b"".join([chunk async for chunk in answer.streaming_content])

    text = async_to_sync(whole)().decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_what_the_filter_leaves_is_saved(
    client: Client, job: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_page, "CHUNK", 1)
    AuditEntry.objects.create(user_name="=cmd()", action="pause", kind="job", row="1")
    head, hostile, _, paused = read(client)
    assert tuple(head) == audit_page.COLUMNS
    assert hostile[1] == "'=cmd()"
    assert paused[1:5] == ["operator", "pause", "job", str(job.pk)]
    assert len(read(client, user="operator")) == 2


def test_an_empty_trail_is_explained(client: Client, operator: User) -> None:
    assert AUDIT_WORDS["none"].en in client.get(AUDIT, {"lang": "en"}).text


def test_who_looks_sees_what_was_done_to_jobs_and_nothing_of_other_things(
    client: Client, job: Job
) -> None:
    pausing.pause("enrichment", User.objects.get(username="operator"))
    login(client, "viewer")
    assert did(client) == ["resumed", "paused"]
    assert did(client, kind="poolstate") == []
    assert len(read(client)) == 3


def test_an_editor_sees_own_changes_and_what_others_did_to_own_jobs(
    client: Client, job: Job
) -> None:
    editor = login(client, "editor")
    own = make_job(created_by=editor)
    jobs.pause(own.pk, User.objects.get(username="operator"))
    jobs.resume(own.pk, editor)
    assert did(client) == ["resumed", "paused"]
    assert did(client, row=job.pk) == []
    assert "Operators see everything" in client.get(AUDIT, {"lang": "en"}).text


def test_an_auditor_sees_everything_without_a_right_to_act(client: Client, job: Job) -> None:
    pausing.pause("enrichment", User.objects.get(username="operator"))
    auditor = login(client, "viewer")
    auditor.user_permissions.add(Permission.objects.get(codename="view_auditentry"))
    assert len(did(client)) == 3


def test_everything_that_is_recorded_has_a_name() -> None:
    recorded = re.compile(r'(?:audit\.record|enter|_change)\(\s*\w+, "(\w+)"')
    files = (path for app in ("enrichment", "mangaassist") for path in (ROOT / app).rglob("*.py"))
    found = {action for path in files for action in recorded.findall(path.read_text("utf-8"))}
    assert found >= {"start", "mute", "repair", "sample"}
    assert found <= set(DID)
