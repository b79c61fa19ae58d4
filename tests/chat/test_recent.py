"""What a process knows of a session holds while its frame is the last one, and for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from chat import recent
from chat.recent import Recent
from chat.turns import Exchange, State, Turn

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def exchanges(count: int) -> Sequence[Exchange]:
    turn = Turn(1, "user", "猫の漫画は？", State.COMPLETE, "m1", NOW, "ja")
    return [Exchange(turn, None, State.OPEN, NOW, NOW)] * count


def known(count: int = 1, n: int = 5) -> Recent:
    known = Recent()
    known.note("s", "m1", exchanges(count))
    known.confirm("s", "m1", n)
    return known


def test_exchanges_are_known_as_of_their_frame_alone() -> None:
    held = known(2, n=5)
    assert held.knows("s")
    assert held.find("s", 5) == exchanges(2)
    assert held.find("s", 6) is None
    assert held.find("other", 5) is None


def test_an_answer_without_its_final_frame_is_not_known() -> None:
    held = Recent()
    held.note("s", "m1", exchanges(1))
    assert not held.knows("s")
    assert held.find("s", 0) is None


def test_the_final_frame_of_another_answer_confirms_nothing() -> None:
    held = Recent()
    held.note("s", "m2", exchanges(1))
    held.confirm("s", "m1", 5)
    assert not held.knows("s")


def test_what_is_forgotten_is_not_known() -> None:
    held = known(n=5)
    held.forget("s")
    assert held.find("s", 5) is None
    held.forget("s")


def test_it_is_known_for_a_while() -> None:
    seconds = 0.0
    held = Recent(lambda: seconds)
    held.note("s", "m1", exchanges(1))
    held.confirm("s", "m1", 5)
    seconds = recent.KEPT
    assert held.find("s", 5) is None


def test_the_sessions_that_were_answered_first_give_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "MOST", 3)
    held = Recent()
    for session in "abc":
        held.note(session, "m1", exchanges(2 if session == "b" else 1))
        held.confirm(session, "m1", 5)
    assert [held.knows(session) for session in "abc"] == [False, True, True]
