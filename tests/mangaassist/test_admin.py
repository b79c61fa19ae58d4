"""People in the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from mangaassist.models import Profile

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff() -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("staff"))
    return client


def test_the_language_of_a_user_is_set_on_the_page_of_the_user(staff: Client) -> None:
    user = User.objects.create_user("reader")
    page = reverse("admin:auth_user_change", args=[user.pk])
    fields = {
        "username": "reader", "date_joined_0": "2026-01-01", "date_joined_1": "00:00",
        "profile-TOTAL_FORMS": 1, "profile-INITIAL_FORMS": 0, "profile-0-user": user.pk,
        "profile-0-language": "en",
    }  # fmt: skip
    assert staff.get(page).status_code == 200
    assert staff.post(page, fields).status_code == 302
    assert Profile.objects.get(user=user).language == "en"


def test_a_user_is_added_without_a_profile(staff: Client) -> None:
    assert staff.get(reverse("admin:auth_user_add")).status_code == 200
