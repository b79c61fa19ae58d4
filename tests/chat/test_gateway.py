"""What only API Gateway's way in has: who may call it, and which process holds a connection."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.test import override_settings
from websockets.exceptions import ConnectionClosed

from chat import gateway, gateway_owners
from chat.gateway_line import MOST_BYTES, shortened
from chat.limits import address_of
from chat.server_frames import History
from tests.chat.conftest import SECRET, chatting, through_gateway
from tests.chat.page import opened, written
from tests.chat.talking import Talk
from tests.mangaassist.server import Server
from tests.stack import Stack


@pytest.fixture
def other_port(talk: Talk) -> Iterator[int]:
    """The chat as a second process serves it."""
    with chatting(talk) as port:
        yield port


@pytest.mark.parametrize(
    ("configured", "given", "status"),
    [("", "", 404), ("", SECRET, 404), (SECRET, "", 403), (SECRET, "wrong", 403)],
)
def test_nobody_else_may_call_as_the_gateway(
    port: int, configured: str, given: str, status: int
) -> None:
    head = "POST /chat/gateway/ HTTP/1.1\nx-chat-connection: c1\nx-chat-route: $connect"
    with override_settings(CHAT_GATEWAY_SECRET=configured):
        answer = Server(port).answer(f"{head}\nx-chat-gateway: {given}\nContent-Length: 0")
    assert answer.status == status


def test_a_message_of_a_connection_that_is_gone_is_told_so(port: int) -> None:
    head = f"POST /chat/gateway/ HTTP/1.1\nx-chat-gateway: {SECRET}\nx-chat-route: $default"
    with override_settings(CHAT_GATEWAY_SECRET=SECRET):
        answer = Server(port).answer(f"{head}\nx-chat-connection: {uuid4()}\nContent-Length: 0")
    assert answer.status == 410


def test_any_process_takes_the_messages_of_a_connection(
    port: int, other_port: int, talk: Talk
) -> None:
    with through_gateway([port, other_port]) as front, opened(front.port) as page:
        for _ in range(3):
            page.ask("1")
            assert page.until("done")[-1]["text"] == "0、"


def test_tabs_by_both_ways_in_see_one_thread(port: int, other_port: int, talk: Talk) -> None:
    with (
        through_gateway([port]) as front,
        opened(front.port) as here,
        opened(other_port, here.session) as there,
    ):
        there.ask("3")
        frames = here.until("done")
        assert frames[-1] == there.until("done")[-1]
        assert written(frames) == "0、1、2、"


def test_pieces_that_come_soon_after_each_other_are_posted_as_one(port: int, talk: Talk) -> None:
    with through_gateway([port]) as front, opened(front.port) as page:
        page.ask("30")
        frames = page.until("done")
    assert written(frames) == frames[-1]["text"]
    assert len([frame for frame in frames if frame["type"] == "delta"]) < 10


def test_the_connection_of_a_dead_process_is_taken_over_and_begins_anew(
    stack: Stack, port: int, other_port: int, talk: Talk
) -> None:
    with (
        redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey,
        through_gateway([port]) as front,
        opened(front.port) as page,
    ):
        (key,) = valkey.scan_iter("gateway:connection:*")
        valkey.hset(key, "owner", "a process that was killed")
        front.send_to(other_port)
        page.say("ping")
        assert page.frame()["type"] == "ready"
        assert page.frame()["type"] == "pong"


def test_who_was_believed_dead_lets_go_of_what_was_taken_over(
    stack: Stack, other_port: int, talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_owners, "LEASE", 600)  # It does not say soon that it lives.
    with (
        redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey,
        chatting(talk) as silent,
        through_gateway([silent]) as front,
        opened(front.port) as page,
    ):
        (key,) = valkey.scan_iter("gateway:connection:*")
        owner = (valkey.hget(key, "owner") or b"").decode()
        valkey.delete(f"gateway:process:{owner}")
        front.send_to(other_port)
        page.say("ping")
        assert [page.frame()["type"] for _ in range(2)] == ["ready", "pong"]
        of = page.ask("1")
        assert [frame["of"] for frame in page.until("done")] == [of] * 4
        assert (valkey.hget(key, "owner") or b"").decode() not in ("", owner)


def test_a_page_is_let_in_though_redis_is_slow(stack: Stack, port: int) -> None:
    with (
        redis.Redis.from_url(stack.common["REDIS_URL"]) as valkey,
        through_gateway([port]) as front,
    ):
        valkey.client_pause(600)  # ms
        with opened(front.port) as page:
            assert page.ready["type"] == "ready"


def test_a_throttled_post_is_tried_again(port: int, talk: Talk) -> None:
    with through_gateway([port]) as front, opened(front.port) as page:
        front.stand_in.throttled = 2
        page.say("ping")
        assert page.frame()["type"] == "pong"


def test_a_page_that_cannot_be_told_is_let_go_to_come_back(port: int, talk: Talk) -> None:
    with through_gateway([port]) as front, opened(front.port) as page:
        front.stand_in.throttled = 3
        page.say("ping")
        with pytest.raises(ConnectionClosed):
            page.frame()


def test_a_history_too_large_for_the_gateway_loses_its_oldest_turns() -> None:
    turns = [{"turn": n, "text": "長" * 10_000} for n in range(1, 8)]
    frame = json.loads(History(turns, more=False).encoded())
    found = json.loads(shortened(frame))
    assert [turn["turn"] for turn in found["turns"]] == [4, 5, 6, 7]
    assert found["more"] is True
    assert len(json.dumps(found, ensure_ascii=False).encode()) <= MOST_BYTES


def test_places_are_counted_by_the_address_that_the_gateway_saw(settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    scope = gateway._scope({"host": "shop.example", "client": "203.0.113.7"})
    assert address_of(scope) == "203.0.113.7"
