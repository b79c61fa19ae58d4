"""Calls over libcurl, at once or read while they are written, say what is to be repaired."""

from __future__ import annotations

from collections.abc import Callable

import pycurl
import pytest
from botocore.exceptions import (
    BotoCoreError,
    ConnectionClosedError,
    EndpointConnectionError,
    ProxyConnectionError,
    SSLError,
)

from local import ports
from mangaassist import incoming, wire
from mangaassist.errors import Temporary, classify
from tests.mangaassist.peer import SOON, Client, serving

Call = Callable[..., bytes]
PROXIES = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy")


def at_once(url: str, **headers: str) -> bytes:
    return wire.post(url, headers, b"ask", SOON)[1]


def streamed(url: str, **headers: str) -> bytes:
    with incoming.answer_to(url, headers, b"ask", SOON) as answer:
        return answer.whole()


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """Handles of this test are new, and know no proxy that it does not name."""
    monkeypatch.setattr(wire, "_idle", type(wire._idle)())
    monkeypatch.setattr(incoming, "_idle", type(incoming._idle)())
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(params=[at_once, streamed])
def call(request: pytest.FixtureRequest) -> Call:
    found: Call = request.param
    return found


def failure(call: Call, url: str, kind: type[BotoCoreError]) -> str:
    """What staff read of it; another try may help, and the cause is kept for the logs."""
    with pytest.raises(kind) as raised:
        call(url)
    assert isinstance(raised.value.__cause__, pycurl.error)
    told = classify(raised.value)
    assert (type(told), told.code) == (Temporary, kind.__name__)
    return told.message


def go(client: Client) -> None:
    client.take()


def answer(client: Client) -> None:
    assert client.read()
    client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword")


def refuse(client: Client) -> None:
    client.take()
    client.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")


def test_nobody_listens(call: Call) -> None:
    failure(call, f"http://127.0.0.1:{ports.free()}/", EndpointConnectionError)


def test_a_server_goes_without_a_word(call: Call) -> None:
    with serving(go) as url:
        failure(call, url, ConnectionClosedError)


def test_what_a_kept_connection_does_not_answer_is_asked_once_more(call: Call) -> None:
    def tire(client: Client) -> None:
        answer(client)
        assert client.read()

    with serving(tire, answer) as url:
        assert [call(url) for _ in range(2)] == [b"word"] * 2


def test_a_server_that_speaks_no_tls_is_told(call: Call) -> None:
    with serving(refuse) as url:
        assert "TLS" in failure(call, url.replace("http:", "https:"), SSLError)


def test_a_missing_bundle_of_certificates_is_named(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CA_BUNDLE", "/no/such.pem")
    with serving(go) as url:
        assert "/no/such.pem" in failure(call, url.replace("http:", "https:"), SSLError)


def test_a_proxy_that_refuses_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(refuse) as url:
        monkeypatch.setenv("HTTPS_PROXY", url)
        assert "407" in failure(call, "https://service.invalid/", ProxyConnectionError)


def test_a_proxy_that_is_gone_is_told_without_its_password(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://user:secret@127.0.0.1:{ports.free()}")
    told = failure(call, "https://service.invalid/", ProxyConnectionError)
    assert ("proxy 127.0.0.1" in told, "secret" in told) == (True, False)


def test_a_proxy_without_an_address_is_told(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "x" * 64  # too long for a question to a name server
    monkeypatch.setenv("HTTPS_PROXY", f"http://{name}:80")
    assert name in failure(call, "https://service.invalid/", ProxyConnectionError)


def test_an_empty_header_goes_out_as_it_was_signed(call: Call) -> None:
    asked = []

    def behave(client: Client) -> None:
        asked.append(client.take())
        client.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nword")

    with serving(behave) as url:
        assert call(url, empty="", blank=" ", full="x") == b"word"
    lines = asked[0].split(b"\r\n")
    assert {b"empty:", b"blank:", b"full: x"} <= set(lines)
