"""Whose session a connection shows, and for how long."""

from __future__ import annotations

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed

from chat import identity
from chat.limits import address_of
from tests.chat.conftest import Open


@pytest.fixture
def browser() -> Client:
    """Logged in."""
    client = Client()
    client.force_login(get_user_model().objects.create_user("reader"))
    return client


@pytest.mark.django_db(transaction=True)
def test_a_connection_ends_with_its_login_and_comes_back_as_a_visitor(
    browser: Client, open_page: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identity, "LOOKED_AT_EVERY", 0.0)
    key = browser.cookies["sessionid"].value
    page = open_page(login=key)
    assert page.ready["session"].startswith("user-")
    page.say("ping")
    assert page.frame()["type"] == "pong"
    browser.logout()
    page.ask("1")
    assert page.frame()["reason"] == "signed_out"
    with pytest.raises(ConnectionClosed):
        page.frame()
    assert not open_page(login=key).ready["session"].startswith("user-")


@pytest.mark.django_db(transaction=True)
def test_a_login_is_not_looked_at_with_every_frame(browser: Client, open_page: Open) -> None:
    page = open_page(login=browser.cookies["sessionid"].value)
    browser.logout()
    page.say("ping")
    assert page.frame()["type"] == "pong"


@pytest.mark.parametrize(
    ("proxies", "address"), [(0, "10.0.0.1"), (1, "192.0.2.7"), (2, "198.51.100.9"), (9, "forged")]
)
def test_the_address_is_what_our_outermost_proxy_saw(
    settings: Settings, proxies: int, address: str
) -> None:
    settings.TRUSTED_PROXIES = proxies
    forwarded = [(b"x-forwarded-for", b"forged, 198.51.100.9, 192.0.2.7")]
    assert address_of({"client": ("10.0.0.1", 5), "headers": forwarded}) == address
