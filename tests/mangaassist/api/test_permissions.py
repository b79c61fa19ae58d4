"""Who gets into which view, and that every view of the API says so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.urls import URLPattern, URLResolver, get_resolver, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from mangaassist.api.permissions import Denied, May

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

VIEW, CHANGE = "mangaassist.view_poolstate", "mangaassist.change_poolstate"


class Undeclared(APIView):
    def get(self, request: Request) -> Response:
        return Response()


class Declared(Undeclared):
    permission_classes = (May,)
    required = {"get": (VIEW,)}

    def delete(self, request: Request) -> Response:
        return Response()


class Set(ViewSet):
    permission_classes = (May,)
    required = {"list": (VIEW,), "create": (CHANGE,)}

    def list(self, request: Request) -> Response:
        return Response()

    create = destroy = list


class WithoutTable(Undeclared):
    permission_classes = (May,)


urlpatterns = [
    path("undeclared/", Undeclared.as_view()),
    path("declared/", Declared.as_view()),
    path("set/", Set.as_view({"get": "list", "post": "create", "delete": "destroy"})),
    path("without-table/", WithoutTable.as_view()),
]


def client(*permissions: str, **user: Any) -> APIClient:
    person = User.objects.create(username="somebody", **user)
    names = [name.partition(".")[2] for name in permissions]
    person.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = APIClient()
    client.force_authenticate(User.objects.get(pk=person.pk))
    return client


def status(client: APIClient, method: str, address: str) -> int:
    return int(client.generic(method, address).status_code)


@pytest.mark.parametrize("address", ["/undeclared/", "/declared/", "/set/", "/without-table/"])
def test_a_stranger_is_asked_who_it_is(address: str) -> None:
    assert status(APIClient(), "GET", address) == 401


@pytest.mark.parametrize("address", ["/undeclared/", "/without-table/"])
def test_a_view_that_declares_nothing_lets_nobody_in(address: str) -> None:
    assert status(client(is_superuser=True), "GET", address) == 403


@pytest.mark.parametrize("address", ["/declared/", "/set/"])
def test_the_named_permission_lets_in(address: str) -> None:
    assert status(client(VIEW), "GET", address) == 200


@pytest.mark.parametrize("address", ["/declared/", "/set/"])
def test_without_it_nobody_gets_in(address: str) -> None:
    assert status(client(CHANGE, is_staff=True), "GET", address) == 403


def test_each_action_has_its_own_permission() -> None:
    viewer = client(VIEW)
    assert status(viewer, "GET", "/set/") == 200
    assert status(viewer, "HEAD", "/set/") == 200
    assert status(viewer, "POST", "/set/") == 403


@pytest.mark.parametrize("address", ["/declared/", "/set/"])
def test_an_action_that_the_table_does_not_name_is_denied(address: str) -> None:
    assert status(client(is_superuser=True), "DELETE", address) == 403


@pytest.mark.parametrize("address", ["/declared/", "/set/"])
def test_a_method_that_is_not_there_is_no_question_of_permission(address: str) -> None:
    assert status(client(), "PATCH", address) == 405


def views(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in patterns:
        address = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns, address)
        else:
            assert isinstance(pattern, URLPattern)
            yield address, pattern.callback


API = [
    (address, view)
    for address, view in views(get_resolver("mangaassist.urls").url_patterns)
    if address.startswith("api/")
]


def test_the_walk_finds_the_views() -> None:
    assert API


@pytest.mark.parametrize("view", [view for _, view in API], ids=[address for address, _ in API])
def test_every_view_of_the_api_declares_who_may_use_it(view: Any) -> None:
    declared = view.cls.permission_classes
    assert declared
    assert Denied not in declared
    if May in declared:
        assert set((getattr(view, "actions", None) or {}).values()) <= set(view.cls.required)
