"""In which language a view answers, for every way to ask for one."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import AsyncClient
from django.urls import path
from django.utils.translation import gettext_lazy
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from mangaassist.api.languages import Localized, language_of
from mangaassist.models import Profile

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

REQUIRED = gettext_lazy("This field is required.")
EN = {"Accept-Language": "en"}


class View(Localized):
    permission_classes = (IsAuthenticated,)

    def get(self, request: Request) -> Response:
        return Response({"language": language_of(request), "text": REQUIRED})

    def post(self, request: Request) -> Response:
        assert request.data
        return self.get(request)


class Open(View):
    permission_classes = (AllowAny,)  # type: ignore[assignment]


class Plain(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request) -> Response:
        return Response({"text": REQUIRED})


urlpatterns = [
    path("api/view/", View.as_view()),
    path("api/open/", Open.as_view()),
    path("api/plain/", Plain.as_view()),
]


def client(preferred: str | None = None) -> APIClient:
    """A user's client, whose profile prefers a language."""
    user = User.objects.create(username="reader")
    if preferred is not None:
        Profile.objects.create(user=user, language=preferred)
    client = APIClient()
    client.force_authenticate(user)
    return client


def language(answer: Any) -> str:
    """That of the texts, of the header and of `language_of`, which all agree."""
    spoken = answer.headers["Content-Language"]
    document = answer.json()
    text = document.get("text") or document["detail"]
    assert text.isascii() == (spoken == "en")
    assert document.get("language", spoken) == spoken
    return str(spoken)


def test_without_any_wish_it_is_japanese() -> None:
    assert language(client().get("/api/view/")) == "ja"


def test_what_the_client_accepts_comes_before_japanese() -> None:
    assert language(client().get("/api/view/", headers=EN)) == "en"


def test_the_profile_comes_before_what_the_client_accepts() -> None:
    assert language(client("ja").get("/api/view/", headers=EN)) == "ja"


def test_an_empty_profile_prefers_nothing() -> None:
    assert language(client("").get("/api/view/", headers=EN)) == "en"


@pytest.mark.parametrize("form", ["json", "multipart"])
def test_the_body_comes_before_the_profile(form: Any) -> None:
    answer = client("ja").post("/api/view/", {"preferredLanguage": "en"}, format=form)
    assert language(answer) == "en"


def test_the_query_comes_before_everything() -> None:
    address = "/api/view/?preferredLanguage=en"
    body = {"preferredLanguage": "ja"}
    assert language(client("ja").post(address, body, format="json")) == "en"


@pytest.mark.parametrize("wish", ["fr", "EN", "", 1, None, ["en"]])
def test_an_unknown_language_is_ignored(wish: object) -> None:
    answer = client("en").post("/api/view/", {"preferredLanguage": wish}, format="json")
    assert language(answer) == "en"


def test_a_body_that_is_no_object_asks_for_nothing() -> None:
    assert language(client("en").post("/api/view/", [1], format="json")) == "en"


@pytest.mark.parametrize("query", ["?preferredLanguage=en", ""])
def test_a_body_that_cannot_be_read_is_refused_in_the_language_known_so_far(query: str) -> None:
    answer = client("ja").post(f"/api/view/{query}", "{", content_type="application/json")
    assert answer.status_code == 400
    assert language(answer) == ("en" if query else "ja")


@pytest.mark.parametrize("codec", ["utf-16", "zlib", "rot13"])
def test_a_body_is_utf_8_whatever_it_says(codec: str) -> None:
    kind = f"application/json; charset={codec}"
    answer = client().post("/api/view/", '{"preferredLanguage": "en"}', content_type=kind)
    assert language(answer) == "en"


@pytest.mark.parametrize("query", ["?preferredLanguage=en", ""])
def test_a_stranger_is_refused_in_the_language_asked_for(query: str) -> None:
    answer = APIClient().get(f"/api/view/{query}", headers={"Accept-Language": "fr"})
    assert answer.status_code == 401
    assert language(answer) == ("en" if query else "ja")


def test_who_accepts_no_json_is_refused_in_the_language_asked_for() -> None:
    answer = client().get("/api/view/?preferredLanguage=en", headers={"Accept": "text/csv"})
    assert answer.status_code == 406
    assert language(answer) == "en"


def test_strangers_may_ask_too_where_they_may_enter() -> None:
    assert language(APIClient().get("/api/open/?preferredLanguage=en")) == "en"


def test_the_next_request_does_not_inherit_the_language() -> None:
    asking = client("en")
    assert language(asking.get("/api/view/")) == "en"
    assert language(asking.get("/api/plain/")) == "ja"


def test_requests_at_the_same_time_keep_their_languages() -> None:
    async def ask() -> list[Any]:
        wishes = ["en", "ja"] * 5
        addresses = [f"/api/open/?preferredLanguage={wish}" for wish in wishes]
        return await asyncio.gather(*(AsyncClient().get(address) for address in addresses))

    assert [language(answer) for answer in asyncio.run(ask())] == ["en", "ja"] * 5
