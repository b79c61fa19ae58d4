"""Sessions on the API."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import path
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]

TOKEN = "x" * 32


class View(APIView):
    permission_classes = (IsAuthenticated,)

    def post(self, request: Request) -> Response:
        return Response(request.user.get_username())


urlpatterns = [path("api/view/", View.as_view())]


@pytest.fixture
def browser() -> Client:
    browser = Client(enforce_csrf_checks=True, headers={"Accept-Language": "en"})
    browser.force_login(User.objects.create(username="reader"))
    return browser


def test_a_session_without_a_csrf_token_changes_nothing(browser: Client) -> None:
    answer = browser.post("/api/view/")
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    assert "CSRF cookie not set" in answer.json()["detail"]


def test_a_session_with_its_csrf_token_may_act(browser: Client) -> None:
    browser.cookies["csrftoken"] = TOKEN
    answer = browser.post("/api/view/", headers={"X-CSRFToken": TOKEN})
    assert (answer.status_code, answer.json()) == (200, "reader")
