from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Origin

from bench._deployment import stack
from bench._tab import PONG, TEXT, frame, take
from bench._visitors import PATIENCE, Visitors, late
from bench.chat import FIRST_TOKEN, LIMITS, broken, fill, judge, states
from local import published

GOOD = {"first": FIRST_TOKEN, "useful": 1.0, "done": 2.0, "state": "complete", "blank": False}


def judged(**other: Any) -> dict[str, float]:
    return judge([GOOD, GOOD | other], seconds=1.0)


def test_answers_without_fault_hold_every_limit() -> None:
    figures = judge([GOOD] * 46, seconds=1.0)
    assert figures["messages_per_s"] == 46
    assert broken(figures | {"kb_per_idle_socket": 40.0}) == []


@pytest.mark.parametrize("state", ["refused", "failed", "deferred", "incomplete", "silent"])
def test_a_message_without_a_complete_answer_is_lost(state: str) -> None:
    assert judged(state=state)["lost"] == 1


def test_lost_messages_say_how_they_ended() -> None:
    assert states([GOOD, GOOD, GOOD | {"state": "deferred"}]) == "of 2 complete, 1 deferred"


def test_a_complete_answer_without_words_is_blank() -> None:
    assert judged(blank=True)["blank"] == 1


def test_words_that_never_come_took_all_the_patience() -> None:
    assert late([0.1, None]) == PATIENCE
    assert judged(useful=None)["useful_p95_s"] == PATIENCE


@pytest.mark.parametrize("key", LIMITS)
def test_each_limit_can_be_broken(key: str) -> None:
    assert broken(dict.fromkeys(LIMITS, 0.0) | {key: LIMITS[key] + 1}) == [key]


@pytest.mark.parametrize("size", [0, 125, 126, 65_535, 65_536])
def test_a_frame_is_taken_only_when_all_of_it_is_there(size: int) -> None:
    payload = b"a" * size
    length = (
        bytes([size])
        if size <= 125
        else b"\x7e" + size.to_bytes(2, "big")
        if size <= 65_535
        else b"\x7f" + size.to_bytes(8, "big")
    )
    whole = b"\x81" + length + payload
    data = bytearray(whole[:-1])
    assert take(data) is None
    data += whole[-1:] + frame(PONG, b"")
    assert take(data) == (TEXT, payload)
    assert data == frame(PONG, b"")


async def answer(socket: ServerConnection) -> None:
    """Half an answer to another message first, then a whole one."""
    async for words in socket:
        of = json.loads(words)["data"]["id"]
        await socket.ping()
        for said in (
            {"type": "done", "of": "another", "state": "failed", "text": ""},
            {"type": "delta", "of": of, "text": "長" * 50},
            {"type": "done", "of": of, "state": "complete", "text": "長" * 200},
        ):
            await socket.send(json.dumps(said, ensure_ascii=False))


async def asked_of_a_server() -> Visitors:
    async with serve(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()[:2]
        visitors = Visitors([f"{host}:{port}"], "secret")
        await visitors.come(20)
        await visitors.ask(rate=100.0, seconds=0.2)
        assert visitors.still_open() == 20
        return visitors


def test_visitors_hear_the_answers_to_their_own_messages() -> None:
    asked = asyncio.run(asked_of_a_server()).asked
    assert asked
    assert {(one.state, one.blank) for one in asked} == {("complete", False)}
    assert all(one.first and one.useful and one.done for one in asked)


async def turned_away() -> None:
    async with serve(
        answer, "127.0.0.1", 0, origins=[Origin("https://elsewhere.example")]
    ) as server:
        host, port = server.sockets[0].getsockname()[:2]
        await Visitors([f"{host}:{port}"], "secret").come(1)


def test_a_refused_handshake_is_told() -> None:
    with pytest.raises(ConnectionError, match="403"):
        asyncio.run(turned_away())


def test_the_search_holds_the_first_titles_of_a_file(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    catalogue = tmp_path / "titles.csv"
    rows = "C1,傾かない耳,カタムカナイミミ\nC2,日常の果て,ニチジョウノハテ\nC3,ミミ,\n"
    catalogue.write_text("id,titleJp,titleKana\n" + rows, encoding="utf-8")
    with stack() as data:
        environment = os.environ | published.environment_of(published.read(data), "admin")
        fill(environment, catalogue, titles=2)
        assert "the search holds 2 titles" in capfd.readouterr().out
        fill(environment, catalogue, titles=None)
        assert "the search holds 3 titles" in capfd.readouterr().out
