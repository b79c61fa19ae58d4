"""Vectors come from a model on Bedrock, through the limiter, with a bill."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator

import pytest

from mangaassist import embedding, metrics
from mangaassist.errors import Temporary, Throttled
from mangaassist.metrics.registry import registry
from mangaassist.pools import MAINTENANCE, WEBSOCKET
from tests.simulator import Simulator


@pytest.fixture(autouse=True)
def nothing_asked(simulator: Simulator) -> Iterator[None]:
    embedding._asked.clear()
    yield
    embedding._asked.clear()


def vectors(*texts: str) -> list[embedding.Vector]:
    return embedding.of_titles(texts, pool=MAINTENANCE, patience=60, within=60)


def test_texts_become_unit_vectors_and_like_ones_are_near() -> None:
    one, like, unlike = vectors("静かな港町の物語", "港町の静かな物語", "宇宙船")
    assert [len(one), round(math.hypot(*one), 6)] == [embedding.DIMENSIONS, 1]
    assert math.dist(one, like) < math.dist(one, unlike)


def test_a_question_becomes_the_json_of_a_unit_vector() -> None:
    vector = json.loads(embedding.of_question("港町", pool=WEBSOCKET, within=60))
    assert [len(vector), round(math.hypot(*vector), 6)] == [embedding.DIMENSIONS, 1]


def test_a_question_that_was_asked_before_costs_nothing(simulator: Simulator) -> None:
    first = embedding.of_question("港町", pool=WEBSOCKET, within=60)
    assert embedding.of_question("港町", pool=WEBSOCKET, within=60) == first
    assert simulator.stats()["calls"] == 1


def test_a_vector_that_comes_too_late_is_there_for_the_next_one(simulator: Simulator) -> None:
    simulator.latency(fixed=1.0)
    with pytest.raises(Temporary, match="vector_late"):
        embedding.of_question("港町", pool=WEBSOCKET, within=0.01)
    assert embedding.of_question("港町", pool=WEBSOCKET, within=60)
    assert simulator.stats()["calls"] == 1


def test_a_call_is_counted_with_its_tokens_and_its_cost() -> None:
    registry.take()
    vectors("静かな港町の物語")
    counted = {one.metric: one.values for one in registry.take()}
    [tokens] = counted[metrics.INPUT_TOKENS]
    assert tokens > 0
    assert counted[metrics.COST_USD] == [pytest.approx(tokens * embedding.PRICE / 1e6)]
    assert counted[metrics.BEDROCK_CALLS] == [1]


def test_what_bedrock_throttles_was_no_use_of_the_quota(simulator: Simulator) -> None:
    simulator.fault("ThrottlingException", model=embedding.MODEL)
    with pytest.raises(Throttled):
        vectors("港町")


def test_an_answer_without_vectors_is_temporary() -> None:
    with pytest.raises(Temporary, match="malformed_response"):
        embedding.vectors(b'{"embeddings": [[1.0]]}', 1)
    with pytest.raises(Temporary, match="malformed_response"):
        embedding.vectors(b"<html>", 1)
