"""An answer that comes later has its cards too, and tells every tab of them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chat import retrieval, sessions
from chat.cards import Card
from chat.catalogue import Entry, Found
from chat.tasks import deferred_answer
from chat.turns import Answer, State
from tests.chat.conftest import chatting, converse
from tests.chat.page import opened
from tests.chat.talking import Talk
from tests.mangaassist.conftest import Account
from tests.simulator import Simulator

EAR = Card("C1", "傾かない耳", "つづき春", price=748)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("simulator")]


@pytest.fixture
def port() -> Iterator[int]:
    with chatting(Talk()) as port:
        yield port


def test_a_late_answer_cites_titles_and_no_unknown_one(
    chat_account: Account, port: int, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = Entry("C1", {"titleJp": "傾かない耳"}, EAR)
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: Found((entry,)))
    simulator.fault("invent")
    with opened(port) as page:
        converse(page.session, Answer("", State.DEFERRED))
        deferred_answer(page.session, "m1")
        late = page.until("late")[-1]
    assert "灯台" in late["text"]
    assert late["cards"] == [EAR.shown()]
    assert late["suggestions"] == ["つづき春のほかの作品は？", "『傾かない耳』に似た作品は？"]
    assert sessions.history(page.session).turns[-1].cards == (EAR,)
