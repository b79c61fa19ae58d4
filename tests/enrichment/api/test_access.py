"""Every endpoint for every role: what is not granted is denied, what is another's is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from rest_framework.test import APIClient

from enrichment.models import Job, Release
from tests.enrichment.api.clients import JOBS, RELEASES, Client
from tests.enrichment.factories import live_worker, make_job

pytestmark = pytest.mark.django_db

Rows = tuple[Release, Job]
Call = Callable[[Any, Rows], Any]


def look(path: str) -> Call:
    return lambda client, rows: client.get(path.format(*(row.pk for row in rows)))


def act(path: str) -> Call:
    return lambda client, rows: client.post(
        path.format(*(row.pk for row in rows)), {}, format="json"
    )


LOOKS = {
    "release": look(RELEASES + "{0}/"),
    "rows": look(RELEASES + "{0}/rows/"),
    "row errors": look(RELEASES + "{0}/errors/"),
    "job": look(JOBS + "{1}/"),
    "items": look(JOBS + "{1}/items/"),
    "errors": look(JOBS + "{1}/errors/"),
}
ACTS = {
    "preview": act(RELEASES + "{0}/preview/"),
    "confirm": act(RELEASES + "{0}/confirm/"),
    "pause": act(JOBS + "{1}/pause/"),
    "resume": act(JOBS + "{1}/resume/"),
    "cancel": act(JOBS + "{1}/cancel/"),
    "retry": act(JOBS + "{1}/retry/"),
}
EVERYTHING = LOOKS | ACTS


def rows_of(client: Client) -> Rows:
    """A release and a job that belong to a client."""
    release = Release.objects.get(pk=client.release())
    return release, make_job(created_by=client.member)


@pytest.fixture(autouse=True)
def worker(db: None) -> None:
    live_worker()


@pytest.mark.parametrize("name", EVERYTHING)
def test_nobody_gets_in_without_saying_who_they_are(name: str) -> None:
    assert EVERYTHING[name](APIClient(), rows_of(Client("editor"))).status_code == 401


@pytest.mark.parametrize("name", EVERYTHING)
def test_somebody_without_a_role_may_do_nothing(name: str) -> None:
    assert EVERYTHING[name](Client(), rows_of(Client("editor"))).status_code == 403


@pytest.mark.parametrize("name", EVERYTHING)
def test_an_editor_does_everything_with_what_is_their_own(name: str) -> None:
    editor = Client("editor")
    assert EVERYTHING[name](editor, rows_of(editor)).status_code in (200, 202)


@pytest.mark.parametrize("name", EVERYTHING)
def test_what_is_anothers_does_not_exist_for_an_editor(name: str) -> None:
    answer = EVERYTHING[name](Client("editor"), rows_of(Client("editor")))
    assert answer.status_code == 404


@pytest.mark.parametrize("name", LOOKS)
def test_a_viewer_looks_at_everything(name: str) -> None:
    assert LOOKS[name](Client("viewer"), rows_of(Client("editor"))).status_code == 200


@pytest.mark.parametrize("name", ACTS)
def test_a_viewer_acts_on_nothing(name: str) -> None:
    assert ACTS[name](Client("viewer"), rows_of(Client("editor"))).status_code == 403


@pytest.mark.parametrize("name", EVERYTHING)
def test_an_operator_does_everything_with_everything(name: str) -> None:
    answer = EVERYTHING[name](Client("operator"), rows_of(Client("editor")))
    assert answer.status_code in (200, 202)


@pytest.mark.usefixtures("provisioned")
def test_an_export_is_in_reach_as_its_job_is() -> None:
    owner, rows = Client("editor"), look(JOBS + "{1}/export/")
    own = rows_of(owner)
    callers = [APIClient(), Client(), owner, Client("editor"), Client("viewer"), Client("operator")]
    statuses = [rows(caller, own).status_code for caller in callers]
    assert statuses == [401, 403, 200, 404, 200, 200]


def test_an_upload_takes_an_editor() -> None:
    statuses = [Client(*roles).upload().status_code for roles in ([], ["viewer"], ["editor"])]
    assert statuses == [403, 403, 202]


def test_a_job_is_in_reach_of_whoever_uploaded_its_release() -> None:
    editor, operator = Client("editor"), Client("operator")
    job = operator.confirm(editor.release()).data["id"]
    assert editor.get(f"{JOBS}{job}/").status_code == 200


@pytest.mark.parametrize("address", [RELEASES, JOBS])
def test_lists_have_only_what_is_in_reach(address: str) -> None:
    own = Client("editor")
    rows_of(own)
    rows_of(Client("editor"))
    model = Release if address == RELEASES else Job
    seen = {one["id"] for one in own.get(address).json()["results"]}
    assert seen == set(model.objects.filter(created_by=own.member).values_list("pk", flat=True))
    assert len(seen) < model.objects.count()
