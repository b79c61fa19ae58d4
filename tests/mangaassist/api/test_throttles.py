"""When a caller is told to wait."""

from __future__ import annotations

import random
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.urls import path
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

pks = count(random.randrange(10**6, 2 * 10**9))  # Valkey still knows the users of earlier runs.


class View(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response()

    post = get


class Private(APIView):
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response()


class Uploads(View):
    throttle_scope = "upload"


class Set(ViewSet):
    permission_classes = (AllowAny,)
    throttle_scope = {"create": "upload"}

    def list(self, request: Request) -> Response:
        return Response()

    create = list


urlpatterns = [
    path("view/", View.as_view()),
    path("private/", Private.as_view()),
    path("uploads/", Uploads.as_view()),
    path("set/", Set.as_view({"get": "list", "post": "create"})),
]


@pytest.fixture(autouse=True)
def rates(settings: Any) -> None:
    """So slow that nothing flows in during a test."""
    settings.API_RATES = {"read": (1, 3), "write": (1, 2), "upload": (1, 1), "stranger": (1, 4)}


def client() -> APIClient:
    pk = next(pks)
    client = APIClient()
    client.force_authenticate(User.objects.create(pk=pk, username=str(pk)))
    return client


def admitted(client: APIClient, method: str, address: str, **headers: str) -> int:
    """How many of five requests."""
    answers = [client.generic(method, address, **headers) for _ in range(5)]  # type: ignore[arg-type]
    return sum(answer.status_code == 200 for answer in answers)


@pytest.mark.parametrize(
    ("method", "address", "burst"),
    [
        ("GET", "/view/", 3),
        ("POST", "/view/", 2),
        ("GET", "/uploads/", 1),
        ("POST", "/uploads/", 1),
        ("GET", "/set/", 3),
        ("POST", "/set/", 1),
    ],
)
def test_a_request_counts_in_its_scope(method: str, address: str, burst: int) -> None:
    assert admitted(client(), method, address) == burst


def test_scopes_are_counted_apart() -> None:
    caller = client()
    assert [admitted(caller, method, "/view/") for method in ("GET", "POST")] == [3, 2]


def test_users_are_counted_apart() -> None:
    assert [admitted(client(), "GET", "/view/") for _ in range(2)] == [3, 3]


def test_strangers_are_counted_by_their_address() -> None:
    addresses = [f"test-{uuid4()}" for _ in range(2)]
    counts = [admitted(APIClient(REMOTE_ADDR=at), "GET", "/view/") for at in addresses]
    assert counts == [3, 3]
    assert admitted(APIClient(REMOTE_ADDR=addresses[0]), "GET", "/view/") == 0


def test_a_stranger_cannot_choose_its_address() -> None:
    at = f"test-{uuid4()}"
    assert [
        APIClient(REMOTE_ADDR=at, HTTP_X_FORWARDED_FOR=str(uuid4())).get("/view/").status_code
        for _ in range(4)
    ] == [200, 200, 200, 429]


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Token guessed"}])
def test_who_guesses_tokens_must_wait(headers: dict[str, str]) -> None:
    guesser = APIClient(REMOTE_ADDR=f"test-{uuid4()}", headers=headers)
    statuses = [guesser.get("/private/").status_code for _ in range(6)]
    assert statuses == [401, 401, 401, 401, 429, 429]


def test_who_must_wait_is_told_how_long() -> None:
    caller = client()
    admitted(caller, "POST", "/uploads/")
    answer = caller.post("/uploads/")
    assert (answer.status_code, answer.json()["code"]) == (429, "throttled")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60


def test_a_rate_holds_without_valkey(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    assert admitted(client(), "GET", "/view/") == 3
