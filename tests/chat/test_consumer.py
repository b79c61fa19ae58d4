"""Connections of pages over real sockets."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import groupby, pairwise
from uuid import uuid4

import pytest
from pytest_django import Settings
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from mangaassist.validation import FRAME_BYTES, MOST_GRAPHEMES
from tests.chat.conftest import Open
from tests.chat.page import opened, written
from tests.chat.talking import Talk


@pytest.fixture(scope="module")
def port(either_port: int) -> int:
    """Everything here is the same by both ways in."""
    return either_port


def test_the_first_frame_names_session_language_and_limits(open_page: Open) -> None:
    page = open_page(language="en")
    assert page.ready["session"] == page.session
    assert page.ready["language"] == "en"
    assert page.ready["limits"]["characters"] == MOST_GRAPHEMES


@pytest.mark.parametrize("origin", ["http://evil.example", "http://[", "null", None])
def test_a_page_of_another_origin_is_refused(port: int, origin: str | None) -> None:
    with pytest.raises(InvalidStatus) as refused, opened(port, origin=origin):
        pass
    assert refused.value.response.status_code == 403


def test_who_has_no_signed_cookie_is_refused(port: int) -> None:
    address, origin = f"ws://127.0.0.1:{port}/ws/chat/", Origin(f"http://127.0.0.1:{port}")
    headers = {"Cookie": "manga_chat=forged:1:2"}
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(address, origin=origin, additional_headers=headers),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_path_that_is_none_of_ours_is_refused(port: int) -> None:
    with (
        pytest.raises(InvalidStatus) as refused,
        connect(f"ws://127.0.0.1:{port}/other/", origin=Origin(f"http://127.0.0.1:{port}")),
    ):
        pass
    assert refused.value.response.status_code == 403


def test_a_message_is_accepted_written_and_ended_in_numbered_frames(open_page: Open) -> None:
    page = open_page()
    of = page.ask("3")
    frames = page.until("done")
    kinds = [kind for kind, _ in groupby(frame["type"] for frame in frames)]
    assert kinds == ["accepted", "phase", "delta", "done"]
    assert all(frame["of"] == of for frame in frames)
    assert all(one["n"] < other["n"] for one, other in pairwise(frames))
    assert written(frames) == frames[-1]["text"] == "0、1、2、"


def test_a_message_that_is_sent_twice_is_answered_once(open_page: Open, talk: Talk) -> None:
    page = open_page()
    of = page.ask("1")
    done = page.until("done")[-1]
    page.say("sendMessage", id=of, message="1")
    assert page.frame() == done
    assert talk.asked == ["1"]


def test_a_refused_message_may_be_sent_again(open_page: Open, talk: Talk) -> None:
    page = open_page()
    for _ in range(2):
        page.say("sendMessage", id="0190a1b2-0000-7000-8000-00000000abcd", message="refuse")
        assert page.frame()["type"] == "refused"
    assert talk.asked == ["refuse", "refuse"]


@pytest.mark.parametrize(("message", "state"), [("fail", "failed"), ("silent", "failed")])
def test_a_reply_that_breaks_still_has_a_final_frame(
    open_page: Open, message: str, state: str
) -> None:
    page = open_page()
    page.ask(message)
    assert page.until("done")[-1]["state"] == state


def test_two_tabs_see_one_thread(open_page: Open) -> None:
    first = open_page()
    second = open_page(first.session)
    first.ask("2")
    assert first.until("done") == second.until("done")


def test_another_session_sees_nothing_of_it(open_page: Open) -> None:
    first, second = open_page(), open_page()
    first.ask("2")
    first.until("done")
    second.say("ping")
    assert second.frame()["type"] == "pong"


def test_another_tab_stops_an_answer_and_keeps_its_part(open_page: Open) -> None:
    first = open_page()
    second = open_page(first.session)
    of = first.ask("9 wait")
    first.until("delta")
    second.say("stop", of=of)
    done = first.until("done")[-1]
    assert (done["state"], done["text"]) == ("stopped", "0、")


def test_a_reply_outlives_its_connection(port: int, open_page: Open, talk: Talk) -> None:
    with opened(port) as page:
        page.ask("3 wait")
        seen = page.until("delta")[-1]["n"]
    talk.go.set()
    again = open_page(page.session)
    again.say("resume", after=seen)
    frames = again.until("done")
    assert frames[-1]["text"] == "0、1、2、"
    assert all(frame["n"] > seen for frame in frames)


def test_resume_sends_what_was_missed_once_and_in_order(open_page: Open, talk: Talk) -> None:
    first = open_page()
    first.ask("4 wait")
    accepted = first.until("delta")[0]["n"]
    second = open_page(first.session)
    second.say("resume", after=accepted)
    frames = [second.frame()]
    talk.go.set()
    frames += second.until("done")
    assert frames[0]["n"] == accepted + 1
    assert frames[-1]["n"] == accepted + 6
    assert written(frames) == "0、1、2、3、"


def test_resume_from_before_the_log_begins_with_the_history(open_page: Open) -> None:
    page = open_page()
    page.ask("1")
    page.until("done")
    page.say("resume", after=5)
    history = page.frame()
    assert [turn["text"] for turn in history["turns"]] == ["1", "0、"]


def test_the_history_is_followed_by_the_answer_that_runs(open_page: Open, talk: Talk) -> None:
    first = open_page()
    first.ask("2 wait")
    first.until("delta")
    second = open_page(first.session)
    second.say("getHistory")
    history, *frames = second.until("delta")
    assert history["type"] == "history"
    assert frames[0]["type"] == "accepted"
    talk.go.set()
    assert second.until("done")[-1]["text"] == "0、1、"


def test_older_turns_are_asked_for_by_number(open_page: Open) -> None:
    page = open_page()
    page.ask("1")
    page.until("done")
    page.say("getHistory", before=2)
    assert [turn["role"] for turn in page.frame()["turns"]] == ["user"]


def test_a_cleared_session_is_empty_in_every_tab(open_page: Open) -> None:
    first = open_page()
    second = open_page(first.session)
    begin = first.ready["n"]
    first.ask("1")
    first.until("done")
    first.say("clearSession")
    assert first.frame()["type"] == second.until("cleared")[-1]["type"] == "cleared"
    first.say("resume", after=begin)
    assert first.frame()["turns"] == []


def test_a_tab_that_was_away_hears_that_its_session_was_cleared(port: int, open_page: Open) -> None:
    first = open_page()
    with opened(port, first.session) as away:
        first.ask("1")
        seen = away.until("accepted")[-1]["n"]
    first.until("done")
    first.say("clearSession")
    cleared = first.until("cleared")[-1]
    again = open_page(first.session)
    again.say("resume", after=seen)
    assert again.frame() == cleared
    assert again.frame()["turns"] == []


def test_an_answer_that_runs_says_nothing_after_its_session_is_cleared(
    open_page: Open, talk: Talk
) -> None:
    page = open_page()
    page.ask("9 wait")
    page.until("delta")
    page.say("clearSession")
    page.until("cleared")
    talk.go.set()
    page.ask("1")
    assert [frame["type"] for frame in page.until("done")] == ["accepted", "phase", "delta", "done"]


def test_feedback_is_saved_and_said_so(open_page: Open, talk: Talk) -> None:
    page = open_page()
    of = str(uuid4())
    page.say("feedback", of=of, value="down", reason="古い")
    assert page.frame() == {"type": "feedback_saved", "of": of}
    assert talk.feedbacks[-1].reason == "古い"


@pytest.mark.parametrize(
    ("sent", "code"),
    [("{", "frame_not_json"), (b"\xff", "frame_not_text"), ('{"action":"fly"}', "unknown_action")],
)
def test_a_bad_frame_is_refused_in_the_language_of_the_page(
    open_page: Open, sent: str | bytes, code: str
) -> None:
    page = open_page(language="en")
    page.web.send(sent)
    refused = page.frame()
    assert (refused["code"], refused["message"].isascii()) == (code, True)
    page.say("ping")
    assert page.frame()["type"] == "pong"


def test_a_frame_over_32_kib_ends_the_connection(open_page: Open) -> None:
    page = open_page()
    page.web.send("x" * (FRAME_BYTES + 1))
    with pytest.raises(ConnectionClosed) as closed:
        page.frame()
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_too_many_messages_are_refused_with_a_time_to_come_back_and_not_looked_up(
    open_page: Open, settings: Settings, talk: Talk
) -> None:
    settings.CHAT_REPLIES_PER_SESSION = 9
    page = open_page()
    for _ in range(6):
        page.ask("1")
    refused = page.until("refused")[-1]
    assert refused["code"] == "rate_limited"
    assert 0 < refused["retry_after"] <= 3
    assert refused["of"] not in talk.prepared


@pytest.mark.parametrize(
    ("limit", "sessions"),
    [
        ("CHAT_REPLIES_PER_SESSION", 1),
        ("CHAT_REPLIES_PER_ADDRESS", 2),
        ("CHAT_REPLIES_PER_PROCESS", 2),
    ],
)
def test_too_many_answers_at_once_are_refused_until_one_ends(
    open_page: Open, talk: Talk, settings: Settings, limit: str, sessions: int
) -> None:
    setattr(settings, limit, 2)
    first = open_page()
    second = open_page(first.session if sessions == 1 else "", "en")
    for page in (first, second):
        of = page.ask("2 wait")
        while page.until("delta")[-1]["of"] != of:
            pass
    third = second.ask("1")
    refused = second.until("refused")[-1]
    assert (refused["code"], refused["of"]) == ("too_many_replies", third)
    assert refused["message"].startswith("Other answers")
    assert refused["retry_after"] > 0
    talk.go.set()
    first.until("done")
    second.until("done")
    second.say("sendMessage", id=third, message="1")
    assert second.until("done")[-1]["state"] == "complete"


def test_a_full_session_takes_no_place_of_another(
    open_page: Open, talk: Talk, settings: Settings
) -> None:
    settings.CHAT_REPLIES_PER_SESSION = 1
    greedy, other = open_page(), open_page()
    for _ in range(3):
        greedy.ask("1 wait")
    greedy.until("refused")
    other.ask("1")
    assert other.until("done")[-1]["state"] == "complete"


def test_a_flood_ends_its_own_connection_and_no_other(open_page: Open, settings: Settings) -> None:
    settings.CHAT_CONNECTION_RATE = (1, 1)  # A busy machine floods nobody at the real rate.
    other, page = open_page(), open_page()
    with suppress(ConnectionClosed):
        for _ in range(200):
            page.web.send(json.dumps({"action": "ping"}))
    assert page.until("closing")[-1]["reason"] == "flood"
    with pytest.raises(ConnectionClosed):
        page.frame()
    other.say("ping")
    assert other.frame()["type"] == "pong"
