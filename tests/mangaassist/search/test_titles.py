"""Titles are found over the wire, by their names and by what they are about."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from mangaassist import embedding, metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import Misconfigured, Temporary
from mangaassist.metrics.registry import registry
from mangaassist.pools import MAINTENANCE, WEBSOCKET
from mangaassist.search import copies, documents, titles
from tests.simulator import Simulator

pytestmark = pytest.mark.usefixtures("either_service")
CATALOGUE = {
    "C1": (["サンデー映画劇場", "サンデーエイガゲキジョウ"], "古い映画館を守る姉妹の物語。"),
    "C2": (["もう一度だけグッドバイ", "モウイチドダケグッドバイ"], "恋人と過ごす最後の夏休み。"),
    "C3": (["傾かない耳", "カタムカナイミミ", "つづき春"], "静かな港町で暮らす漁師の日常。"),
    "C4": (["映画"], ""),
    "C5": (["鉄鍋の午後", "テツナベノゴゴ"], "店を継いだ人の話。\n料理、泣ける、バスケットボール"),
    "C6": (["料理長の椅子", "リョウリチョウノイス"], "消えた椅子を巡る駆け引き。"),
}  # fmt: skip


@pytest.fixture
def catalogue(either_service: None, own_index: str, simulator: Simulator) -> Iterator[None]:
    texts = [documents.embedded(names, words) for names, words in CATALOGUE.values()]
    vectors = embedding.of_titles(texts, pool=MAINTENANCE, patience=60, within=60)
    made = [
        copies.Title(id, 1, documents.document(names, words, vector))
        for (id, (names, words)), vector in zip(CATALOGUE.items(), vectors, strict=True)
    ]
    older = copies.Title("C3", 0, documents.document(["傾かない耳"], "", vectors[0]))
    assert copies.write([older, *made], [own_index]) == {}
    yield
    embedding._asked.clear()


def find(*texts: str, seconds: float = 60, wished: bool = False) -> list[str]:
    return titles.find(texts, 5, pool=WEBSOCKET, deadline=Deadline(seconds), wished=wished)


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("傾かない耳", "C3"),
        ("かたむかないみみ", "C3"),
        ("katamukanai mimi", "C3"),
        ("傾かいない耳", "C3"),
        ("つづき春", "C3"),
        ("映画劇場", "C1"),
        ("moichido dake", "C2"),
        ("映画", "C4"),
    ],
)
def test_a_title_is_found_by_its_name_in_any_writing(text: str, id: str) -> None:
    assert find(text)[0] == id


@pytest.mark.usefixtures("catalogue")
def test_a_name_is_no_question_for_the_model(simulator: Simulator) -> None:
    calls = simulator.stats()["calls"]
    assert find("傾かない耳") == ["C3"]
    assert simulator.stats()["calls"] == calls


@pytest.mark.usefixtures("catalogue")
def test_a_title_is_found_by_what_it_is_about() -> None:
    assert find("港町の漁師")[0] == "C3"
    assert find("恋人と最後の夏休み")[0] == "C2"


@pytest.mark.usefixtures("catalogue")
def test_a_question_asked_again_finds_the_same_and_costs_no_call(simulator: Simulator) -> None:
    first = find("港町の漁師")
    calls = simulator.stats()["calls"]
    assert find("港町の漁師") == first
    assert simulator.stats()["calls"] == calls


@pytest.mark.usefixtures("catalogue")
def test_a_search_by_vector_that_fails_leaves_what_words_find() -> None:
    embedding._asked["港町の漁師"] = "[0.5, 0.5]"  # of another length than the index has
    registry.take()
    assert find("港町の漁師") == ["C3"]
    assert metrics.SEARCH_FAILURES in {one.metric for one in registry.take()}


@pytest.mark.usefixtures("catalogue")
def test_what_nobody_wrote_about_finds_nothing() -> None:
    assert find("What about parking?") == find("") == find() == []


@pytest.mark.usefixtures("catalogue")
def test_without_the_model_words_are_enough(simulator: Simulator) -> None:
    simulator.fault("ThrottlingException", model=embedding.MODEL)
    registry.take()
    assert find("港町の漁師") == ["C3"]
    failures = [one for one in registry.take() if one.metric is metrics.SEARCH_FAILURES]
    assert [dict(one.dimensions) for one in failures] == [{"Code": "ThrottlingException"}]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("wish", ["料理マンガ", "泣ける", "バスケ", "泣ける漫画"])
def test_a_wish_in_a_word_is_found_by_words_alone(simulator: Simulator, wish: str) -> None:
    simulator.fault("ThrottlingException", model=embedding.MODEL)
    assert find(wish, wished=True)[0] == "C5"


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("wish", ["グルメ", "cooking manga"])
def test_a_wish_is_found_in_other_words(wish: str) -> None:
    assert {*find(wish, wished=True)} == {"C5", "C6"}


@pytest.mark.usefixtures("catalogue")
def test_a_name_with_the_word_of_a_wish_is_not_all_that_is_found() -> None:
    assert find("料理") == ["C6"]
    assert {*find("料理", wished=True)} >= {"C5", "C6"}


@pytest.mark.usefixtures("catalogue")
def test_a_search_whose_time_is_over_does_not_begin() -> None:
    with pytest.raises(Temporary, match="search_late"):
        find("傾かない耳", seconds=0)


def test_a_silent_server_takes_no_more_than_the_time_there_is(
    elsewhere: Any, silent: socket.socket
) -> None:
    elsewhere.OPENSEARCH_URL = f"http://127.0.0.1:{silent.getsockname()[1]}"
    with pytest.raises(Temporary, match="OpenSearchConnectionTimeout"):
        find("傾かない耳", seconds=0.1)


def test_a_server_that_is_gone_is_a_temporary_failure(elsewhere: Any) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        elsewhere.OPENSEARCH_URL = f"http://127.0.0.1:{gone.getsockname()[1]}"
    with pytest.raises(Temporary, match="OpenSearchConnectionError"):
        find("傾かない耳")


def test_an_index_that_nobody_made_is_a_misconfiguration(elsewhere: Any) -> None:
    elsewhere.OPENSEARCH_INDEX = "nobody-made-it"
    with pytest.raises(Misconfigured, match=r"manage\.py provision"):
        find("傾かない耳")
