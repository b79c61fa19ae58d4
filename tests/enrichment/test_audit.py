"""Every change of a job or release leaves its entry, whichever way it comes."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client as Browser

from enrichment import jobs, weekly
from enrichment.models import Job
from enrichment.states import State
from enrichment.window import Lane
from mangaassist import audit
from mangaassist.models import AuditEntry
from tests.enrichment.api.clients import JOBS, Client
from tests.enrichment.api.conftest import unlimited
from tests.enrichment.factories import job_of, live_keeper, live_worker, make_release
from tests.enrichment.test_admin import act

__all__ = ["unlimited"]

pytestmark = pytest.mark.django_db

STATES = (State.FAILED, State.QUEUED, State.RUNNING)
ACTIONS = {
    "pause": ("open", "paused", {"recalled": 1}),
    "resume": ("paused", "open", {}),
    "cancel": ("open", "cancelled", {"withdrawn": 1}),
    "retry": ("failed", "open", {"returned": 1}),
}


def facts(state: str, **more: Any) -> dict[str, Any]:
    return {"state": state, "lane": "normal", "total": 3, **more}


def job_in(state: str) -> Job:
    job = job_of(*STATES, code="refused")
    Job.objects.filter(pk=job.pk).update(state=state)
    return job


@pytest.mark.parametrize("action", ACTIONS)
def test_what_a_program_does_is_recorded(action: str) -> None:
    before, after, touched = ACTIONS[action]
    job, program = job_in(before), Client("operator")
    assert program.post(f"{JOBS}{job.pk}/{action}/").status_code == 200
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.action, entry.kind) == (program.member, action, "job")
    assert entry.row == str(job.pk)
    assert (entry.before, entry.after) == (facts(before), facts(after, **touched))


@pytest.mark.parametrize("action", ACTIONS)
def test_what_staff_do_in_the_admin_is_recorded(action: str) -> None:
    before, after, touched = ACTIONS[action]
    staff, browser = User.objects.create_superuser("staff"), Browser()
    browser.force_login(staff)
    act(browser, action, job_in(before))
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.action) == (staff, action)
    assert (entry.before, entry.after) == (facts(before), facts(after, **touched))


def test_a_retry_of_one_cause_names_it() -> None:
    jobs.retry(job_in("failed").pk, code="refused")
    assert AuditEntry.objects.get().after == facts("open", returned=1, code="refused")


def test_a_move_tells_both_lanes() -> None:
    program = Client("operator")
    program.post(f"{JOBS}{job_in('open').pk}/lane/", {"lane": "low"}, format="json")
    entry = AuditEntry.objects.get()
    assert entry.before == facts("open")
    assert entry.after == facts("open", recalled=1) | {"lane": Lane.LOW}


def test_what_changes_nothing_leaves_no_entry() -> None:
    job = job_in("open")
    jobs.resume(job.pk)
    jobs.move(job.pk, Lane.NORMAL)
    jobs.pause(job.pk)
    jobs.pause(job.pk)
    assert [entry.action for entry in AuditEntry.objects.all()] == ["pause"]


def test_a_change_that_cannot_be_recorded_is_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    job = job_in("open")

    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr(audit, "record", fail)
    with pytest.raises(RuntimeError):
        jobs.pause(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.OPEN
    assert job.items.filter(state=State.QUEUED).count() == 1


def test_an_upload_and_a_start_are_recorded_once() -> None:
    live_keeper()
    live_worker()
    editor = Client("editor")
    release = editor.release()
    editor.release()
    assert editor.confirm(release).status_code == 202
    assert editor.confirm(release).status_code == 200
    upload, start = AuditEntry.objects.order_by("pk")
    assert (upload.action, upload.kind, upload.row) == ("upload", "release", str(release))
    assert (start.action, start.kind, start.user) == ("start", "job", editor.member)


def test_a_mark_and_its_end_are_recorded() -> None:
    release = make_release("id,titleJp\nA,x\n")
    AuditEntry.objects.all().delete()
    weekly.mark(release, jobs.Options(), None)
    weekly.unmark(release, None)
    weekly.unmark(release, None)
    mark, unmark = AuditEntry.objects.order_by("pk")
    assert (mark.action, mark.before, mark.after) == ("mark", None, unmark.before)
    assert (unmark.action, unmark.after) == ("unmark", None)
