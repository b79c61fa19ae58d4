"""What the server sends for the page: language, cookie and headers."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client, override_settings

from chat.page_texts import WORDS
from chat.visitors import COOKIE, new_visitor, visitor
from mangaassist.models import Profile


@pytest.mark.parametrize(
    ("query", "accepted", "language"),
    [
        ("", "", "ja"),
        ("", "en-US,en;q=0.9", "en"),
        ("?lang=ja", "en", "ja"),
        ("?lang=en", "ja", "en"),
        ("?lang=fr", "en", "en"),
    ],
)
def test_the_page_speaks_the_language_that_the_reader_wants(
    client: Client, query: str, accepted: str, language: str
) -> None:
    response = client.get(f"/chat/{query}", headers={"Accept-Language": accepted})
    assert response["Content-Language"] == language
    assert f'<html lang="{language}">' in response.text
    assert getattr(WORDS["welcome"], language) in response.text


@pytest.mark.django_db
def test_a_profile_wins_over_the_browser(client: Client) -> None:
    user = User.objects.create_user("reader")
    Profile.objects.update_or_create(user=user, defaults={"language": "en"})
    client.force_login(user)
    response = client.get("/chat/", headers={"Accept-Language": "ja"})
    assert response["Content-Language"] == "en"


def test_a_visitor_gets_a_cookie_that_only_the_server_reads(client: Client) -> None:
    cookie = client.get("/chat/").cookies[COOKIE]
    assert visitor({COOKIE: cookie.value})
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not cookie["secure"]


@override_settings(SECURE_COOKIES=True)
def test_the_cookie_stays_off_plain_connections_where_there_is_tls(client: Client) -> None:
    assert client.get("/chat/", secure=True).cookies[COOKIE]["secure"]


def test_a_visitor_who_comes_back_is_the_same(client: Client) -> None:
    first = client.get("/chat/").cookies[COOKIE].value
    again = client.get("/chat/").cookies[COOKIE].value
    assert visitor({COOKIE: first}) == visitor({COOKIE: again})


def test_a_cookie_of_ones_own_making_names_nobody(client: Client) -> None:
    client.cookies[COOKIE] = "somebody:1abcde:signature"
    found = visitor({COOKIE: client.get("/chat/").cookies[COOKIE].value})
    assert found
    assert found != "somebody"


def test_no_two_visitors_are_alike() -> None:
    assert new_visitor() != new_visitor()


def test_nothing_inline_or_foreign_may_run(client: Client) -> None:
    response = client.get("/chat/")
    policy = dict(part.split(" ", 1) for part in response["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
    assert "private" in response["Cache-Control"]
    assert {"Cookie", "Accept-Language"} <= set(response["Vary"].split(", "))


def test_nobody_may_show_the_chat_in_a_frame_unless_named(client: Client) -> None:
    assert "frame-ancestors 'none'" in client.get("/chat/frame/")["Content-Security-Policy"]
    stores = ["https://a.example", "https://b.example:8443"]
    with override_settings(CHAT_EMBED_ORIGINS=stores):
        page, frame = client.get("/chat/"), client.get("/chat/frame/")
    named = "frame-ancestors https://a.example https://b.example:8443"
    assert named in frame["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert ("X-Frame-Options" in page, "X-Frame-Options" in frame) == (True, False)


@override_settings(CHAT_EMBED_ORIGINS=["https://a.example"])
def test_the_cookie_reaches_the_frame_of_one_store_and_only_by_tls(client: Client) -> None:
    cookie = client.get("/chat/frame/")["Set-Cookie"]
    name, *attributes = cookie.split("; ")
    assert name.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "SameSite=None", "Secure", "Partitioned"} <= set(attributes)


def test_a_store_may_keep_the_widget_for_an_hour(client: Client) -> None:
    response = client.get("/chat/widget.js")
    assert response["Content-Type"].startswith("text/javascript")
    assert "max-age=3600" in response["Cache-Control"]
    assert not response.cookies


def test_the_page_is_only_read(client: Client) -> None:
    assert client.post("/chat/").status_code in (403, 405)


def test_every_text_has_the_same_names_to_fill_in_in_both_languages() -> None:
    def names(sentence: str) -> set[str]:
        return {part.split("}")[0] for part in sentence.split("{")[1:]}

    assert all(names(text.ja) == names(text.en) for text in WORDS.values())
    assert all(text.ja and text.en for text in WORDS.values())
