"""The frame of all pages: where they lead, and what a browser remembers of its reader."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from dashboard.shell import SECTIONS, Section
from dashboard.texts import WORDS
from mangaassist.pools import MODERATION

pytestmark = pytest.mark.django_db


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_superuser("staff"))
    return client


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.word)
def test_every_page_leads_to_all_and_marks_itself(reader: Client, section: Section) -> None:
    text = reader.get(reverse(section.route)).text
    assert all(f'href="{reverse(other.route)}"' in text for other in SECTIONS)
    assert text.count('aria-current="page"') == 1


def test_staff_sign_out_from_every_page(reader: Client) -> None:
    text = reader.get("/dashboard/").text
    assert f'action="{reverse("admin:logout")}"' in text
    reader.post(reverse("admin:logout"))
    assert reader.get("/dashboard/").status_code == 302


def test_no_two_pages_share_a_key() -> None:
    assert len({section.key for section in SECTIONS}) == len(SECTIONS)


def test_a_browser_remembers_language_and_colours(reader: Client) -> None:
    reader.get("/dashboard/?lang=en&theme=dark")
    text = reader.get("/dashboard/", headers={"Accept-Language": "ja"}).text
    assert '<html lang="en" data-theme="dark">' in text
    assert WORDS["skip"].en in text


def test_a_switch_keeps_the_rest_of_the_address(reader: Client) -> None:
    text = reader.get("/dashboard/?lang=ja&kind=x").text
    assert 'href="?lang=en&amp;kind=x"' in text


def test_the_answer_to_a_form_leads_to_no_address_that_only_forms_have(reader: Client) -> None:
    address = reverse("dashboard:letters-order", args=[MODERATION.name])
    text = reader.post(f"{address}?lang=ja", {"do": "redrive_any"}).text
    assert "<form" in text
    assert 'href="?' not in text
    assert reader.get(f"{address}?lang=en").status_code == 405


def test_what_is_no_theme_is_the_systems(reader: Client) -> None:
    assert "data-theme" not in reader.get("/dashboard/?theme=pink").text


def test_a_stream_of_no_page_is_not_found(reader: Client) -> None:
    assert reader.get("/dashboard/stream?page=nothing").status_code == 404


def test_a_form_without_its_token_says_what_to_do() -> None:
    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post("/admin/login/?lang=en", {"username": "staff"})
    assert answer.status_code == 403
    assert "Reload the page" in answer.text


def test_the_bare_address_leads_to_the_chat(client: Client) -> None:
    assert client.get("/").headers["Location"] == "/chat/"
