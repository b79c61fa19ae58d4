"""Who may look at the dashboard, and what a page and a stream carry."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection, HTTPResponse

import pytest
from django.conf import settings
from django.contrib.auth.models import Group, User
from django.core.asgi import get_asgi_application
from django.test import Client

from dashboard import views
from dashboard.texts import WORDS
from enrichment.states import State
from tests.enrichment.factories import job_of
from tests.mangaassist.server import SOON, Answer, Server, serving

pytestmark = pytest.mark.django_db(transaction=True)

PATHS = ["/dashboard/", "/dashboard/stream", "/dashboard/snapshot.json"]


def viewer(name: str = "viewer") -> User:
    user = User.objects.create_user(name, is_staff=True)
    user.groups.add(Group.objects.get_or_create(name="viewer")[0])
    return user


@pytest.fixture
def staff(transactional_db: None) -> User:
    return User.objects.create_superuser("staff")


def test_a_stranger_is_sent_to_the_login(client: Client) -> None:
    response = client.get("/dashboard/")
    assert response.status_code == 302
    assert response["Location"].startswith("/admin/login/")


@pytest.mark.parametrize("path", PATHS)
def test_staff_without_the_permission_are_refused(client: Client, path: str) -> None:
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("path", PATHS[1:])
def test_the_stream_of_a_stranger_is_refused_and_not_redirected(client: Client, path: str) -> None:
    assert client.get(path).status_code == 403


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_page_holds_a_snapshot_without_any_script(
    client: Client, staff: User, language: str
) -> None:
    job_of(State.DONE, State.PENDING)
    client.force_login(staff)
    response = client.get(f"/dashboard/?lang={language}")
    assert f'<html lang="{language}">' in response.text
    assert getattr(WORDS["jobs"], language) in response.text
    assert "1/2" in response.text


def test_the_page_allows_nothing_inline_and_is_small(client: Client, staff: User) -> None:
    for _ in range(50):
        job_of(State.PENDING)
    client.force_login(staff)
    response = client.get("/dashboard/")
    assert "unsafe" not in response["Content-Security-Policy"]
    assert "style=" not in response.text
    assert len(response.content) < 100_000


@contextmanager
def streaming(server: Server, cookie: str, language: str) -> Iterator[HTTPResponse]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=SOON)
    headers = {"Cookie": f"sessionid={cookie}"}
    connection.request("GET", f"/dashboard/stream?lang={language}", headers=headers)
    try:
        yield connection.getresponse()
    finally:
        connection.close()


def snapshot_of(stream: HTTPResponse) -> tuple[int, str]:
    """The number and the HTML of the next snapshot."""
    number = 0
    while line := stream.readline().decode():
        name, _, value = line.strip().partition(": ")
        if name == "id":
            number = int(value)
        elif name == "data":
            return number, json.loads(value)["html"]
    raise AssertionError("The stream has ended.")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(get_asgi_application(), lifespan="off") as server:
        yield server


def test_a_stream_sends_snapshots_to_all_viewers_in_their_language(
    client: Client, staff: User, server: Server
) -> None:
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value
    with streaming(server, cookie, "ja") as one, streaming(server, cookie, "en") as other:
        assert one.headers["Content-Type"] == "text/event-stream"
        (first, whole), (second, english) = snapshot_of(one), snapshot_of(other)
        (later, changes) = snapshot_of(one)
    assert WORDS["pools"].en in english
    assert first < later
    assert abs(later - second) <= 1
    assert WORDS["pools"].ja in whole
    assert WORDS["as_of"].ja in changes
    assert WORDS["pools"].ja not in changes  # Nothing has happened to them meanwhile.


def test_a_stream_ends_after_a_while_and_only_who_may_still_look_gets_another(
    client: Client, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "LONGEST", 0.0)
    user = viewer()
    client.force_login(user)
    cookie = client.cookies["sessionid"].value
    with streaming(server, cookie, "ja") as stream:
        snapshot_of(stream)
        assert stream.read().strip() == b""
    user.groups.clear()
    with streaming(server, cookie, "ja") as stream:
        assert stream.status == 403


def test_streams_hold_no_connection_to_the_database(
    client: Client, staff: User, server: Server
) -> None:
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value
    with ExitStack() as streams:
        for _ in range(settings.DATABASES["default"]["OPTIONS"]["pool"]["max_size"] + 1):
            last = streams.enter_context(streaming(server, cookie, "ja"))
        assert snapshot_of(last)


def test_a_document_that_somebody_has_costs_nothing(
    client: Client, staff: User, server: Server
) -> None:
    client.force_login(staff)
    cookie = client.cookies["sessionid"].value

    def get(tag: str) -> Answer:
        return server.answer(
            "GET /dashboard/snapshot.json HTTP/1.1\n"
            f"Cookie: sessionid={cookie}\nIf-None-Match: {tag}"
        )

    first = get("none")
    assert json.loads(first.body)["verdict"]["level"]
    assert get(first.headers["etag"]).status == 304
