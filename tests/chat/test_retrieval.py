"""The catalogue is looked up over the wire, by the titles that a message names."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from chat import retrieval
from chat.cards import Card
from chat.catalogue import Entry, Found
from chat.retrieval import Names, find, look_up
from mangaassist import catalog, metrics
from mangaassist.deadline import Deadline
from mangaassist.metrics.registry import registry

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


@pytest.mark.usefixtures("provisioned")
def test_what_enrichment_wrote_is_found_in_the_shoppers_language() -> None:
    results: dict[str, catalog.Texts] = {
        "synopsis": {"ja": "静かな町の物語。", "en": "A tale of a quiet town."},
        "tags": {"ja": ["日常", "町"], "en": ["slice of life"]},
    }
    catalog.put("C1", {"titleJp": "傾かない耳", "creator": "つづき春"}, results, SOURCE)
    assert look_up("「傾かない耳」は？", "ja") == (
        Entry("C1", {
            "titleJp": "傾かない耳", "creator": "つづき春", "synopsis": "静かな町の物語。",
            "tags": "日常、町",
        }, Card("C1", "傾かない耳", "つづき春", ("日常", "町"), "静かな町の物語。")),
    )  # fmt: skip
    assert look_up("傾かない耳?", "en")[0].facts["synopsis"] == "A tale of a quiet town."


@pytest.mark.usefixtures("provisioned")
def test_a_title_that_nobody_enriched_has_its_name() -> None:
    assert look_up("日常の果て", "ja") == (
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
    assert [entry.id for entry in look_up("「傾かない」はどんな話？", "ja")] == ["C1"]
