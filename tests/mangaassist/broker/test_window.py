"""The window counts what is held and what is about to come."""

from __future__ import annotations

import pytest
from kombu.transport.virtual import Message

from mangaassist.broker.health import Health, state
from mangaassist.broker.window import Window


@pytest.fixture
def window() -> Window:
    return Window(channel=None, prefetch_count=3)


def hold(window: Window, tag: str) -> None:
    window.reserve(1)
    payload = {"properties": {"delivery_tag": tag, "delivery_info": {}}}
    window.append(Message(payload), tag)


def test_room_is_reserved_only_while_there_is_some(window: Window) -> None:
    assert [window.reserve(2), window.reserve(2), window.reserve(2)] == [2, 1, 0]


def test_unused_room_is_given_back(window: Window) -> None:
    window.reserve(3)
    window.give_back(2)
    assert window.free() == 2


def test_a_held_message_takes_a_place(window: Window) -> None:
    hold(window, "a")
    assert window.free() == 2


def test_an_acknowledged_message_frees_its_place(window: Window) -> None:
    hold(window, "a")
    window.ack("a")
    assert (window.free(), window.held()) == (3, [])


def test_a_message_is_acknowledged_once(window: Window) -> None:
    hold(window, "a")
    assert [window.ack("a") is None, window.ack("a") is None, window.free()] == [False, True, 3]


def test_a_full_window_has_nothing_to_wait_for(window: Window) -> None:
    window.reserve(3)
    assert not window.wait(timeout=0)


def test_reserved_room_alone_does_not_make_a_window_full(window: Window) -> None:
    window.reserve(3)
    assert not window.is_full()


def test_held_messages_make_a_window_full(window: Window) -> None:
    for tag in "abc":
        hold(window, tag)
    assert window.is_full()


def test_a_larger_prefetch_count_makes_room(window: Window) -> None:
    window.reserve(3)
    window.prefetch_count = 5
    assert window.free() == 2


def test_a_window_without_a_count_is_never_full() -> None:
    assert Window(channel=None).reserve(10) == 10


def test_the_state_counts_held_messages(window: Window) -> None:
    hold(window, "a")
    hold(window, "b")
    window.ack("a")
    assert state.unacked == 1


def test_a_good_receive_ends_a_row_of_failures() -> None:
    health = Health()
    health.failed("away")
    health.failed("away")
    before = (health.failures, health.error)
    health.polled()
    assert (before, health.failures, health.error) == ((2, "away"), 0, None)
