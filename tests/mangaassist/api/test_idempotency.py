"""What happens when a client sends a request twice."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections, transaction
from django.db.models.functions import Now
from django.test.client import encode_multipart
from django.urls import path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient

from mangaassist.api.idempotency import ABANDONED_AFTER, KEPT_FOR, forget, idempotent
from mangaassist.api.languages import Localized
from mangaassist.models import IdempotentAnswer, PoolState

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

THREADS = 20
during: list[Callable[[], None]] = []  # what to do while the action runs


class View(Localized):
    """Makes a pool."""

    permission_classes = (AllowAny,)

    @idempotent
    def post(self, request: Request, number: int = 0) -> Response:
        status = int(dict(request.data).get("status", 201))
        with transaction.atomic():
            pool = PoolState.objects.create(pool=uuid4().hex)
            for act in during:
                act()
            if status >= 400:
                transaction.set_rollback(True)
        body = {"z": pool.pool, "a": ["本", 1.5, None]}
        return Response(body, status, headers={"Location": f"/pools/{pool.pool}/", "X-Other": "1"})

    put = post


urlpatterns = [path("pools/", View.as_view()), path("pools/<int:number>/", View.as_view())]


@pytest.fixture(autouse=True)
def nothing_else() -> Any:
    yield
    during.clear()


@pytest.fixture
def user() -> User:
    return User.objects.create(username="client")


def client(user: User) -> APIClient:
    client = APIClient(headers={"Accept-Language": "en"})
    client.force_authenticate(user)
    client.raise_request_exception = False
    return client


def send(
    user: User, data: Any = None, key: str | None = "key", address: str = "/pools/", **options: Any
) -> Any:
    method = options.pop("method", "post")
    if key is not None:
        options["headers"] = {"Idempotency-Key": key}
    options.setdefault("format", "json")
    return getattr(client(user), method)(address, data or {}, **options)


def replayed(answer: Any) -> bool:
    return bool(answer.headers.get("Idempotent-Replayed") == "true")


def test_the_second_request_gets_the_first_answer(user: User) -> None:
    first, second = send(user), send(user)
    assert first.status_code == second.status_code == 201
    assert first.content == second.content
    assert first.headers["Location"] == second.headers["Location"]
    assert [replayed(first), replayed(second)] == [False, True]
    assert PoolState.objects.count() == 1


def test_an_answer_stays_in_its_language(user: User) -> None:
    send(user, address="/pools/")
    answer = client(user).post(
        "/pools/", {}, format="json", headers={"Idempotency-Key": "key", "Accept-Language": "ja"}
    )
    assert replayed(answer)
    assert answer.headers["Content-Language"] == "en"


def test_without_a_key_every_request_runs(user: User) -> None:
    assert [send(user, key=None).status_code for _ in range(2)] == [201, 201]
    assert PoolState.objects.count() == 2


def test_keys_of_users_are_apart(user: User) -> None:
    send(user)
    assert not replayed(send(User.objects.create(username="other")))


def test_a_stranger_has_no_keys() -> None:
    address, headers = "/pools/", {"Idempotency-Key": "key"}
    for _ in range(2):
        assert not replayed(APIClient().post(address, {}, format="json", headers=headers))


@pytest.mark.parametrize("key", ["", "x" * 256, "キー", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(user: User, key: str) -> None:
    answer = send(user, key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_idempotency_key")
    assert not PoolState.objects.exists()


def test_the_longest_key_is_kept(user: User) -> None:
    assert [replayed(send(user, key="~" * 255)) for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"a": 2}},
        {"data": {"a": "1"}},
        {"data": {"a": 1}, "address": "/pools/?x=1"},
        {"data": {"a": 1}, "address": "/pools/1/"},
        {"data": {"a": 1}, "method": "put"},
    ],
)
def test_another_request_cannot_use_the_key(user: User, other: dict[str, Any]) -> None:
    send(user, {"a": 1})
    answer = send(user, **other)
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert PoolState.objects.count() == 1


def test_the_order_of_members_does_not_matter(user: User) -> None:
    send(user, {"a": 1, "b": 2})
    assert replayed(send(user, {"b": 2, "a": 1}))


def upload(user: User, content: bytes, boundary: str, name: str = "a.csv") -> Any:
    fields = {"file": SimpleUploadedFile(name, content), "kinds": ["tags", "pitch"]}
    body = encode_multipart(boundary, fields)
    kind = f"multipart/form-data; boundary={boundary}"
    return send(user, body, content_type=kind, format=None)


def test_the_boundary_of_a_form_does_not_matter(user: User) -> None:
    assert not replayed(upload(user, b"id\n1", "one"))
    assert replayed(upload(user, b"id\n1", "another"))


@pytest.mark.parametrize(("content", "name"), [(b"id\n2", "a.csv"), (b"id\n1", "b.csv")])
def test_another_file_is_another_request(user: User, content: bytes, name: str) -> None:
    upload(user, b"id\n1", "one")
    assert upload(user, content, "one", name).status_code == 422


def test_the_action_reads_the_file_from_its_start(user: User) -> None:
    file = io.BytesIO(b"x" * 5_000_000)  # It lies on disk by then.
    file.name = "large.csv"
    assert send(user, {"file": file}, format="multipart").status_code == 201


@pytest.mark.parametrize("status", [400, 409, 500])
def test_a_failure_is_not_kept(user: User, status: int) -> None:
    assert send(user, {"status": status}).status_code == status
    assert not IdempotentAnswer.objects.exists()


def test_an_exception_gives_the_key_back(user: User) -> None:
    def fail() -> None:
        raise RuntimeError("The action failed.")

    during.append(fail)
    assert send(user).status_code == 500
    during.clear()
    assert send(user).status_code == 201
    assert PoolState.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_request_beside_a_running_one_is_asked_to_wait(user: User) -> None:
    answers = []
    during.append(lambda: in_thread(lambda: answers.append(send(user))))
    assert send(user).status_code == 201
    (answer,) = answers
    assert (answer.status_code, answer.json()["code"]) == (409, "still_running")
    assert answer.headers["Retry-After"] == "1"
    assert PoolState.objects.count() == 1


def in_thread(act: Callable[[], object]) -> None:
    def run() -> None:
        act()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def age(**fields: Any) -> None:
    IdempotentAnswer.objects.update(**fields)


def test_an_abandoned_key_is_taken_over(user: User) -> None:
    send(user)
    age(status=None, created_at=Now() - ABANDONED_AFTER - timedelta(seconds=1))
    assert not replayed(send(user))
    assert replayed(send(user))


def test_a_key_is_not_taken_over_early(user: User) -> None:
    send(user)
    age(status=None, created_at=Now() - ABANDONED_AFTER + timedelta(seconds=30))
    assert send(user).status_code == 409


@pytest.mark.django_db(transaction=True)
def test_a_late_end_does_not_change_the_answer_of_who_took_over(user: User) -> None:
    def overtake() -> None:
        during.clear()
        in_thread(lambda: age(created_at=Now() - ABANDONED_AFTER * 2))
        in_thread(lambda: send(user))

    during.append(overtake)
    late = send(user)
    kept = send(user)
    assert replayed(kept)
    assert kept.json() != late.json()


@pytest.mark.django_db(transaction=True)
def test_of_many_requests_at_once_one_runs(user: User) -> None:
    start = threading.Barrier(THREADS)

    def race(_: int) -> Any:
        start.wait()
        try:
            return send(user)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        answers = list(threads.map(race, range(THREADS)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    ran = [answer for answer in answers if answer.status_code == 201 and not replayed(answer)]
    assert len(ran) == PoolState.objects.count() == 1


def test_answers_are_forgotten_after_a_day(user: User) -> None:
    send(user, key="old")
    age(created_at=Now() - KEPT_FOR - timedelta(seconds=1))
    send(user, key="new")
    assert forget() == 1
    assert IdempotentAnswer.objects.get().key == "new"
