"""The OpenAPI document and the page that shows it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import OpenApiResponse, extend_schema
from drf_spectacular.validation import validate_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from mangaassist.api.documents import CONTENT_TYPE
from mangaassist.api.idempotency import idempotent
from mangaassist.api.languages import Localized
from mangaassist.api.schema import ProblemSerializer

ALWAYS = {"400", "401", "403", "406", "429"}


class Thing(serializers.Serializer[Any]):
    name = serializers.CharField()


class Things(Localized):
    permission_classes = (AllowAny,)

    @extend_schema(responses=Thing)
    def get(self, request: Request, number: int = 0) -> Response:
        return Response()

    @extend_schema(
        request=Thing, responses={201: Thing, 409: OpenApiResponse(ProblemSerializer, "Taken")}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        return Response()


class Plain(APIView):
    permission_classes = (AllowAny,)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        return Response()


urlpatterns = [
    path("api/things/", Things.as_view()),
    path("api/things/<int:number>/", Things.as_view(http_method_names=["get"])),
    path("api/plain/", Plain.as_view()),
]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return dict(SchemaGenerator(patterns=urlpatterns).get_schema(public=True))  # type: ignore[no-untyped-call]


def operation(document: dict[str, Any], method: str, address: str) -> dict[str, Any]:
    return dict(document["paths"][address][method])


def names(operation: dict[str, Any]) -> set[str]:
    return {parameter["name"] for parameter in operation.get("parameters", [])}


def test_the_document_is_valid(document: dict[str, Any]) -> None:
    validate_schema(document)  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    ("method", "address", "results", "more"),
    [
        ("get", "/api/things/", {"200"}, set()),
        ("get", "/api/things/{number}/", {"200"}, {"404"}),
        ("post", "/api/things/", {"201"}, {"409", "413", "415", "422"}),
        ("delete", "/api/plain/", {"204"}, {"413", "415"}),
    ],
)
def test_an_operation_names_every_problem_that_it_can_have(
    document: dict[str, Any], method: str, address: str, results: set[str], more: set[str]
) -> None:
    responses = operation(document, method, address)["responses"]
    assert set(responses) == results | ALWAYS | more
    assert all(list(responses[status]["content"]) == [CONTENT_TYPE] for status in ALWAYS | more)


def test_what_a_view_says_of_its_problems_stays(document: dict[str, Any]) -> None:
    responses = operation(document, "post", "/api/things/")["responses"]
    assert responses["409"]["description"] == "Taken"


def test_an_idempotent_operation_names_its_header(document: dict[str, Any]) -> None:
    assert names(operation(document, "post", "/api/things/")) == {
        "preferredLanguage",
        "Idempotency-Key",
    }
    assert names(operation(document, "get", "/api/things/")) == {"preferredLanguage"}


def test_a_view_that_speaks_one_language_offers_no_other(document: dict[str, Any]) -> None:
    assert names(operation(document, "delete", "/api/plain/")) == set()


def test_tokens_and_sessions_are_described(document: dict[str, Any]) -> None:
    assert set(document["components"]["securitySchemes"]) == {"tokenAuth", "cookieAuth"}


@pytest.fixture
def reader() -> Client:
    reader = Client()
    reader.force_login(User.objects.create(username="reader"))
    return reader


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/api/schema/", "/api/docs/"])
def test_a_stranger_sees_no_documents(address: str) -> None:
    answer = Client().get(address)
    assert (answer.status_code, answer.headers["Content-Type"]) == (401, CONTENT_TYPE)


@pytest.mark.django_db
def test_every_user_sees_the_document(reader: Client) -> None:
    answer = reader.get("/api/schema/", headers={"Accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "MangaAssist"


@pytest.mark.django_db
def test_the_page_needs_no_inline_script_and_no_other_host(reader: Client) -> None:
    page = reader.get("/api/docs/").content.decode()
    scripts = re.findall(r"<script([^>]*)>", page)
    assert scripts
    assert all("src=" in script for script in scripts)
    assert not re.search("(src|href)=.(https?:)?//", page)
    (own,) = (found for found in re.findall(r'src="([^"]*)"', page) if "/api/docs/" in found)
    assert reader.get(own).headers["Content-Type"].startswith("application/javascript")
