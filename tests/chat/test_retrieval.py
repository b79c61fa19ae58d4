"""The catalogue is looked up over the wire, by the titles that a message names."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from chat import retrieval, threads
from chat.cards import Card
from chat.catalogue import Entry, Found
from chat.composing import compose
from chat.retrieval import Names, find, look_up
from chat.turns import History, State, Turn
from mangaassist import catalog, embedding, metrics
from mangaassist.deadline import Deadline
from mangaassist.metrics.registry import registry
from mangaassist.pools import MAINTENANCE
from mangaassist.search import copies, documents
from mangaassist.search.client import opensearch
from tests.mangaassist.conftest import own_index
from tests.simulator import Simulator

__all__ = ["own_index"]

SOURCE = catalog.Provenance(1, 1, "none", "none", "none", 0, 0, Decimal(0))


def names() -> list[tuple[str, str]]:
    return [("C1", "傾かない耳"), ("C2", "日常の果て")]


def names_in_another_order() -> list[tuple[str, str]]:
    return names()[::-1]


def other_names() -> list[tuple[str, str]]:
    return [*names(), ("C3", "猫の手")]


def nothing() -> list[tuple[str, str]]:
    raise OSError("The database is gone.")


@pytest.fixture(autouse=True)
def own_names(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    settings.CHAT_TITLES = f"{__name__}.names"
    monkeypatch.setattr(retrieval, "names", Names())
    monkeypatch.setattr(retrieval, "SEARCHING", 60.0)
    monkeypatch.setattr(retrieval, "BUDGET", 60.0)


@pytest.mark.usefixtures("provisioned")
def test_what_enrichment_wrote_is_found_in_the_shoppers_language() -> None:
    results: dict[str, catalog.Texts] = {
        "synopsis": {"ja": "静かな町の物語。", "en": "A tale of a quiet town."},
        "tags": {"ja": ["日常", "町"], "en": ["slice of life"]},
    }
    catalog.put("C1", {"titleJp": "傾かない耳", "creator": "つづき春"}, results, SOURCE)
    assert look_up("「傾かない耳」は？", "ja").entries == (
        Entry("C1", {
            "titleJp": "傾かない耳", "creator": "つづき春", "synopsis": "静かな町の物語。",
            "tags": "日常、町",
        }, Card("C1", "傾かない耳", "つづき春", ("日常", "町"), "静かな町の物語。")),
    )  # fmt: skip
    assert look_up("傾かない耳?", "en").entries[0].facts["synopsis"] == "A tale of a quiet town."


@pytest.fixture
def indexed(own_index: str, simulator: Simulator) -> Iterator[None]:
    """The search knows a title that no name in this process is like."""
    made, words = ["星の井戸", "ホシノイド"], "港町の漁師が星を集める。"
    text = documents.embedded(made, words)
    [vector] = embedding.of_titles([text], pool=MAINTENANCE, patience=60, within=60)
    titles = [copies.Title("C9", 1, documents.document(made, words, vector))]
    assert copies.write(titles, [own_index]) == {}
    yield
    embedding._asked.clear()


@pytest.fixture
def unsearchable(settings: Any) -> Iterator[None]:
    """Nobody listens where OpenSearch should be."""
    with socket.create_server(("127.0.0.1", 0)) as gone:
        settings.OPENSEARCH_URL = f"http://127.0.0.1:{gone.getsockname()[1]}"
    opensearch.cache_clear()
    yield
    opensearch.cache_clear()


@pytest.mark.usefixtures("provisioned", "indexed")
def test_a_title_is_searched_by_a_slip_of_its_name_and_by_a_wish() -> None:
    catalog.put("C9", {"titleJp": "星の井戸"}, {"tags": {"ja": ["星"]}}, SOURCE)
    for message in ("星の井の戸ってある？", "港町の漁師の漫画を教えて"):
        assert [entry.facts["titleJp"] for entry in look_up(message, "ja").entries] == ["星の井戸"]


@pytest.mark.usefixtures("provisioned", "indexed")
def test_a_slip_in_a_quoted_name_is_searched_beside_a_title_that_is_named() -> None:
    catalog.put("C9", {"titleJp": "星の井戸"}, {"tags": {"ja": ["星"]}}, SOURCE)
    found = look_up("「傾かない耳」と「星の井の戸」", "ja")
    assert [entry.id for entry in found.entries] == ["C1", "C9"]
    assert found.searched == ("星の井の戸",)


@pytest.mark.usefixtures("provisioned", "indexed")
def test_a_short_name_is_searched_if_it_is_quoted() -> None:
    assert look_up("「傾かない耳」と「BM」", "ja").searched == ("BM",)
    assert look_up("「3月」はある？", "ja").searched == ("3月",)


@pytest.mark.usefixtures("provisioned", "unsearchable")
def test_without_the_search_no_quoted_name_counts_as_looked_up() -> None:
    found = look_up("「傾かない耳」と「星の井の戸」", "ja")
    assert [entry.id for entry in found.entries] == ["C1"]
    assert found.complete and not found.searched


@pytest.mark.usefixtures("provisioned", "indexed")
def test_a_title_that_only_the_search_knows_is_not_told_of() -> None:
    assert look_up("星の井戸って面白い？", "ja").entries == ()


@pytest.mark.usefixtures("provisioned", "unsearchable")
def test_without_the_search_names_are_found_all_the_same() -> None:
    for message in ("日常の果てって面白い？", "傾かない耳朶ってある？"):
        assert len(asyncio.run(find(message, "ja", Deadline(60))).entries) == 1


@pytest.mark.usefixtures("unsearchable")
def test_without_the_search_a_wish_is_answered_and_told_so() -> None:
    registry.take()
    assert asyncio.run(find("泣ける恋愛ものが読みたい", "ja", Deadline(60))) == Found(
        complete=False
    )
    counted = {one.metric.name for one in registry.take()}
    assert {"RetrievalFailures", "SearchFailures"} <= counted


@pytest.mark.usefixtures("unsearchable")
def test_a_late_answer_does_not_wait_for_the_search_either() -> None:
    wish, now = "泣ける恋愛ものが読みたい", datetime.now(UTC)
    asked = compose(Turn(1, "user", wish, State.COMPLETE, "m1", now, "ja"), History())
    assert "確認できません" in asked.messages[-1]["content"]


@pytest.mark.usefixtures("provisioned")
def test_a_title_that_nobody_enriched_has_its_name() -> None:
    assert look_up("日常の果て", "ja").entries == (
        Entry("C2", {"titleJp": "日常の果て"}, Card("C2", "日常の果て")),
    )


def test_a_message_without_titles_asks_nobody_and_is_counted() -> None:
    registry.take()
    assert asyncio.run(find("こんにちは", "ja", Deadline(9))) == Found()
    [counted] = [one for one in registry.take() if one.metric is metrics.CHAT_LOOK_UPS]
    assert counted.dimensions == (("Result", "nothing"),)


def test_names_that_cannot_be_read_leave_the_look_up_incomplete(settings: Any) -> None:
    settings.CHAT_TITLES = f"{__name__}.nothing"
    registry.take()
    assert asyncio.run(find("日常の果て", "ja", Deadline(9))) == Found(complete=False)
    assert "RetrievalFailures" in {one.metric.name for one in registry.take()}


def test_names_are_read_again_while_the_old_ones_serve(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    again: list[object] = []
    monkeypatch.setattr(retrieval, "FRESH", 0.0)
    monkeypatch.setattr(retrieval, "in_background", again.append)
    first = retrieval.names.get()
    settings.CHAT_TITLES = f"{__name__}.nothing"
    assert retrieval.names.get() is first
    assert len(again) == 1


def test_the_index_is_made_again_only_for_other_names(settings: Any) -> None:
    first = retrieval.names.get()
    settings.CHAT_TITLES = f"{__name__}.names_in_another_order"
    retrieval.names.read()
    assert retrieval.names.get() is first
    settings.CHAT_TITLES = f"{__name__}.other_names"
    retrieval.names.read()
    assert retrieval.names.get().find("猫の手") == ["C3"]


@pytest.mark.usefixtures("provisioned")
def test_a_title_is_looked_up_by_a_part_of_its_name() -> None:
    assert [entry.id for entry in look_up("「傾かない」はどんな話？", "ja").entries] == ["C1"]


def test_look_ups_that_hang_keep_no_answer_from_being_stored(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on = threading.Event()
    monkeypatch.setattr(retrieval, "BUDGET", 0.05)
    monkeypatch.setattr(retrieval, "look_up", lambda message, language: go_on.wait())

    async def hang_and_store() -> str:
        hanging = (find("傾かない耳", "ja", Deadline(60)) for _ in range(threads.MOST))
        assert {found.complete for found in await asyncio.gather(*hanging)} == {False}
        return await threads.in_time(lambda: "stored", 10)

    try:
        assert asyncio.run(hang_and_store()) == "stored"
    finally:
        go_on.set()
