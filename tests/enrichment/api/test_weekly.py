"""Marking releases for the weekly run."""

from __future__ import annotations

from typing import Any

import pytest

from enrichment.models import Job, WeeklyMark
from tests.enrichment.api.clients import RELEASES, Client
from tests.enrichment.factories import live_worker

pytestmark = pytest.mark.django_db


def mark(client: Client, release: int, **options: Any) -> Any:
    return client.put(f"{RELEASES}{release}/weekly/", options, format="json")


def test_a_release_is_marked_for_the_weekly_run(editor: Client) -> None:
    release = editor.release()
    answer = mark(editor, release, kinds=["pitch"], languages=["en"])
    assert answer.status_code == 200
    weekly = answer.json()["weekly"]
    assert (weekly["kinds"], weekly["languages"], weekly["changes"]) == (["pitch"], ["en"], ["new"])
    preview = editor.post(f"{RELEASES}{release}/preview/", {}, format="json").json()
    assert weekly["next_run"] == preview["next_weekly_run"]
    assert editor.get(f"{RELEASES}{release}/").json()["weekly"] == weekly
    [row] = editor.get(RELEASES).json()["results"]
    assert row["weekly"] == weekly
    assert not Job.objects.exists()


def test_a_mark_is_taken_away(editor: Client) -> None:
    release = editor.release()
    mark(editor, release)
    answers = [editor.delete(f"{RELEASES}{release}/weekly/") for _ in range(2)]
    assert [(answer.status_code, answer.json()["weekly"]) for answer in answers] == [
        (200, None)
    ] * 2


def test_why_a_release_still_waits_is_told(editor: Client) -> None:
    release = editor.release()
    mark(editor, release)
    WeeklyMark.objects.update(reason="full")
    weekly = editor.get(f"{RELEASES}{release}/?preferredLanguage=en").json()["weekly"]
    assert "was full" in weekly["detail"]


def test_nobody_marks_what_belongs_to_another(editor: Client, viewer: Client) -> None:
    release = Client("editor").release()
    assert mark(editor, release).status_code == 404
    assert mark(viewer, release).status_code == 403
    assert mark(Client("operator"), release).status_code == 200
    assert editor.delete(f"{RELEASES}{release}/weekly/").status_code == 404
    assert viewer.delete(f"{RELEASES}{release}/weekly/").status_code == 403
    assert WeeklyMark.objects.exists()


def test_what_runs_already_is_not_marked(editor: Client) -> None:
    live_worker()
    release = editor.release()
    job = editor.confirm(release).data["id"]
    answer = mark(editor, release)
    assert (answer.status_code, answer.json()["code"]) == (409, "already_started")
    assert str(job) in answer.json()["detail"]
