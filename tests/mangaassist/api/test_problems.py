"""Errors as a client sees them: one form, one content type, in its language."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core import exceptions as django_errors
from django.http import Http404
from django.urls import path
from rest_framework import exceptions, serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from mangaassist.api.documents import CONTENT_TYPE
from mangaassist.api.problems import Problem, field_errors
from mangaassist.messages import Texts
from mangaassist.request_ids import HEADER

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

TEXTS = Texts("{name} は使えません。", "{name} cannot be used.")
ERRORS: dict[str, Callable[[], Exception]] = {
    "own": lambda: Problem(
        409, "in_use", TEXTS, {"name": "A"}, {"job": 5}, headers={"Retry-After": "7"}
    ),
    "missing": lambda: Http404("No Job matches the given query."),
    "denied": lambda: django_errors.PermissionDenied("secret"),
    "invalid": lambda: django_errors.ValidationError("Bad.", code="bad"),
    "large": lambda: django_errors.RequestDataTooBig("secret"),
    "suspicious": lambda: django_errors.TooManyFieldsSent("secret"),
    "throttled": lambda: exceptions.Throttled(wait=2.5),
    "anonymous": exceptions.NotAuthenticated,
    "unexpected": lambda: KeyError("secret"),
}


class Row(serializers.Serializer[Any]):
    title = serializers.CharField(max_length=3)


class Form(serializers.Serializer[Any]):
    number = serializers.IntegerField()
    rows = Row(many=True, required=False)
    names = serializers.ListField(child=serializers.CharField(max_length=1), required=False)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if attributes["number"] == 13:
            raise serializers.ValidationError("Unlucky.", code="unlucky")
        return attributes


class View(APIView):
    permission_classes = (AllowAny,)

    def get(self, request: Request, error: str = "") -> Response:
        if error:
            raise ERRORS[error]()
        return Response({"fine": True})

    def post(self, request: Request) -> Response:
        form = Form(data=request.data)
        form.is_valid(raise_exception=True)
        return Response(form.validated_data)


urlpatterns = [
    path("api/view/", View.as_view()),
    path("api/errors/<error>/", View.as_view()),
    path("elsewhere/<error>/", View.as_view()),
]
handler404 = "mangaassist.api.handlers.not_found"
handler500 = "mangaassist.api.handlers.server_error"


def client(language: str = "en") -> APIClient:
    client = APIClient(headers={"Accept-Language": language})
    client.raise_request_exception = False
    return client


def problem(answer: Any) -> dict[str, Any]:
    assert answer.headers["Content-Type"] == CONTENT_TYPE
    document = dict(json.loads(answer.content))
    assert document["status"] == answer.status_code
    assert document["type"] == f"urn:mangaassist:problem:{document['code']}"
    return document


def told(error: str, language: str = "en") -> dict[str, Any]:
    return problem(client(language).get(f"/api/errors/{error}/"))


def post(data: Any) -> list[tuple[str, str]]:
    document = problem(client().post("/api/view/", data, format="json"))
    assert (document["status"], document["code"]) == (400, "validation_failed")
    return [(error["field"], error["code"]) for error in document["errors"]]


def test_only_errors_are_problems() -> None:
    answer = client().get("/api/view/")
    assert answer.headers["Content-Type"] == "application/json"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        ("missing", 404, "not_found"),
        ("denied", 403, "permission_denied"),
        ("invalid", 400, "validation_failed"),
        ("large", 413, "request_too_large"),
        ("suspicious", 400, "parse_error"),
        ("throttled", 429, "throttled"),
        ("anonymous", 401, "not_authenticated"),
        ("unexpected", 500, "internal_error"),
    ],
)
def test_an_error_has_its_status_and_code_and_keeps_secrets(
    error: str, status: int, code: str
) -> None:
    document = told(error)
    assert (document["status"], document["code"]) == (status, code)
    assert "secret" not in str(document)
    assert "Job" not in str(document)


def test_a_problem_of_our_own_has_its_members_and_headers() -> None:
    answer = client().get("/api/errors/own/")
    assert answer.headers["Retry-After"] == "7"
    assert problem(answer) == {
        "type": "urn:mangaassist:problem:in_use",
        "title": "Conflict",
        "status": 409,
        "detail": "A cannot be used.",
        "code": "in_use",
        "job": 5,
    }


@pytest.mark.parametrize("error", [*ERRORS, "../nothing"])
def test_a_problem_is_in_the_language_of_the_caller(error: str) -> None:
    english, japanese = told(error), told(error, "ja")
    assert english["detail"].isascii()
    assert not japanese["detail"].isascii()
    assert english["title"].isascii()
    assert not japanese["title"].isascii()


def test_a_client_is_told_how_long_to_wait() -> None:
    assert client().get("/api/errors/throttled/").headers["Retry-After"] == "3"


def test_a_client_is_told_how_to_authenticate() -> None:
    assert client().get("/api/errors/anonymous/").headers["WWW-Authenticate"] == "Token"


def test_errors_name_their_fields() -> None:
    data = {"number": "x", "rows": [{"title": "A"}, {"title": "ABCD"}, {}], "names": ["A", "AB"]}
    assert post(data) == [
        ("number", "invalid"),
        ("rows.1.title", "max_length"),
        ("rows.2.title", "required"),
        ("names.1", "max_length"),
    ]


def test_an_error_of_the_whole_names_no_field() -> None:
    assert post({"number": 13}) == [("", "unlucky")]
    assert post([]) == [("", "invalid")]


def test_an_error_of_a_nested_whole_names_the_way_there() -> None:
    detail = exceptions.ValidationError({"rows": [{"non_field_errors": ["Bad."]}]}, "bad").detail
    assert list(field_errors(detail)) == [{"field": "rows.0", "code": "bad", "detail": "Bad."}]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        ("{", "application/json", 400, "bad_json"),
        (b'"\xff"', "application/json", 400, "parse_error"),
        ("[" * 100_000, "application/json", 400, "too_deep"),
        ("<a/>", "application/xml", 415, "unsupported_media_type"),
        ("x", "multipart/form-data", 400, "parse_error"),
    ],
)
def test_an_unreadable_body_is_a_problem(
    body: str | bytes, content_type: str, status: int, code: str
) -> None:
    document = problem(client().post("/api/view/", body, content_type=content_type))
    assert (document["status"], document["code"]) == (status, code)


def test_broken_json_is_told_with_its_place() -> None:
    body = '{"number":\n  x}'
    document = problem(client().post("/api/view/", body, content_type="application/json"))
    assert "line 2, column 3" in document["detail"]


def test_a_method_that_is_not_there_is_a_problem_that_names_the_others() -> None:
    answer = client().delete("/api/view/")
    assert problem(answer)["code"] == "method_not_allowed"
    assert "GET, POST" in answer.headers["Allow"]


def test_a_client_that_accepts_no_json_is_told_so_in_json() -> None:
    document = problem(client().get("/api/view/", headers={"Accept": "text/html"}))
    assert document["code"] == "not_acceptable"


def test_an_unknown_address_of_the_api_is_a_problem() -> None:
    assert problem(client().get("/api/nothing/"))["code"] == "not_found"


@pytest.mark.parametrize(("language", "words"), [("ja", "何もありません"), ("en", "nothing at")])
def test_elsewhere_people_get_a_page_in_their_language(language: str, words: str) -> None:
    answer = client(language).get("/nothing/")
    assert answer.headers["Content-Type"].startswith("text/html")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert words in answer.text
    assert words in client("fr").get(f"/nothing/?lang={language}").text


@pytest.mark.parametrize(
    ("address", "home"),
    [("/dashboard/x/", "/dashboard/"), ("/dashboard/", "/chat/"), ("/elsewhere/", "/chat/")],
)
def test_a_page_about_an_error_leads_to_the_first_page(address: str, home: str) -> None:
    assert f'href="{home}"' in client().get(address).text


def test_a_page_about_an_unexpected_error_has_its_number() -> None:
    answer = client().get("/elsewhere/unexpected/")
    assert answer.headers[HEADER] in answer.text


def test_an_unexpected_error_is_logged_once_under_the_number_that_the_client_gets(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = client().get("/api/errors/unexpected/")
    document = problem(answer)
    (record,) = caplog.records
    assert record.exc_info
    assert document["request_id"] == answer.headers[HEADER]
    assert document["request_id"] in document["detail"]
