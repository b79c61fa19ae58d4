"""Searches find by words, exact values and vectors, with the scores of Lucene."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from opensearchpy import OpenSearch

from tests.local.opensearch.conftest import Index, refusal

K1, B = 1.2, 0.75
Vector = Sequence[float]
TITLES: dict[str, dict[str, Any]] = {
    "sea": {"name": "海賊", "pieces": "a b", "words": "海賊の冒険", "vector": [1, 0]},
    "sky": {"name": "天空", "pieces": "a c c d", "words": "天空の冒険", "vector": [0, 1]},
    "art": {"name": "芸術", "pieces": "e", "words": "ＡＲＴ ﾏﾝｶﾞ", "vector": [-1, 0]},
}


def bm25(documents: int, having: int, often: int, length: int, average: float) -> float:
    rarity = math.log(1 + (documents - having + 0.5) / (having + 0.5))
    return rarity * often / (often + K1 * (1 - B + B * length / average))


def product(one: Vector, other: Vector) -> float:
    return sum(mine * its for mine, its in zip(one, other, strict=True))


SPACES: dict[str, Callable[[Vector, Vector], float]] = {  # scores of vectors without negatives
    "cosinesimil": lambda one, other: (
        (1 + product(one, other) / math.hypot(*one) / math.hypot(*other)) / 2
    ),
    "innerproduct": lambda one, other: 1 + product(one, other),
    "l2": lambda one, other: 1 / (1 + math.dist(one, other) ** 2),
}


@pytest.fixture
def titles(index: Index) -> Index:
    index.fill(**TITLES)
    return index


def test_terms_score_by_their_rarity_number_and_the_length_of_the_text(titles: Index) -> None:
    found = titles.find({"match": {"pieces": "a c"}})
    average = 7 / 3
    both = bm25(3, 2, 1, 4, average) + bm25(3, 1, 2, 4, average)
    assert found == pytest.approx({"sky": both, "sea": bm25(3, 2, 1, 2, average)}, rel=1e-5)
    assert list(found) == ["sky", "sea"]


def test_a_value_scores_by_its_rarity_alone(titles: Index) -> None:
    assert titles.find({"term": {"name": "海賊"}}) == pytest.approx({"sea": bm25(3, 1, 1, 1, 1)})


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("冒険", {"sea", "sky"}),
        ("海賊", {"sea"}),
        ("art", {"art"}),
        ("マンガ", {"art"}),
        ("本", set()),
    ],
)
def test_words_are_found_in_any_width_and_case(titles: Index, text: str, ids: set[str]) -> None:
    assert titles.find({"match": {"words": text}}).keys() == ids


@pytest.mark.parametrize(
    ("text", "wish", "ids"),
    [
        ("a c d", {}, {"sea", "sky"}),
        ("a c d", {"minimum_should_match": "60%"}, {"sea", "sky"}),
        ("a c d", {"minimum_should_match": "-1"}, {"sky"}),
        ("a b", {"minimum_should_match": "2<60%"}, {"sea"}),
        ("a b x", {"minimum_should_match": "2<60%"}, {"sea", "sky"}),
        ("a b", {"operator": "and"}, {"sea"}),
    ],
)
def test_so_many_of_the_terms_are_needed(
    titles: Index, text: str, wish: Any, ids: set[str]
) -> None:
    assert titles.find({"match": {"pieces": {"query": text, **wish}}}).keys() == ids


def test_an_exact_value_can_outweigh_all_words(titles: Index) -> None:
    exact = {"terms": {"name": ["海賊", "森"], "boost": 100}}
    found = titles.find({"bool": {"should": [exact, {"match": {"pieces": "a c d"}}]}})
    assert list(found) == ["sea", "sky"]
    assert found["sea"] == pytest.approx(100 + bm25(3, 2, 1, 2, 7 / 3))


def test_clauses_that_filter_or_forbid_give_no_score(titles: Index) -> None:
    adventures = {"match": {"words": "冒険"}}
    query = {"filter": [adventures], "must_not": [{"term": {"name": "海賊"}}]}
    assert titles.find({"bool": query}) == {"sky": 0}
    wanted = {"bool": {**query, "must": [{"match_all": {"boost": 3}}]}}
    assert titles.find(wanted) == {"sky": 3}


def test_optional_clauses_only_add_to_the_score_where_something_is_needed(titles: Index) -> None:
    adventures = {"constant_score": {"filter": {"match": {"words": "冒険"}}, "boost": 2}}
    more = {"constant_score": {"filter": {"term": {"key": "sky"}}, "boost": 1}}
    assert titles.find({"bool": {"must": adventures, "should": more}}) == {"sky": 3, "sea": 2}


def test_the_best_of_several_fields_counts_and_a_share_of_the_others(titles: Index) -> None:
    parts = [
        {"constant_score": {"filter": {"prefix": {"name": "海"}}, "boost": 4}},
        {"constant_score": {"filter": {"exists": {"field": "vector"}}, "boost": 2}},
    ]
    best = titles.find({"dis_max": {"queries": parts, "tie_breaker": 0.5}})
    assert best == {"sea": 5, "sky": 2, "art": 2}
    fields = {"query": "海賊", "fields": ["name^3", "words"]}
    assert list(titles.find({"multi_match": fields})) == ["sea"]


def test_vectors_score_by_their_inner_product(titles: Index) -> None:
    query = {"vector": {"vector": [0.5, 0.25], "k": 3}}
    found = titles.find({"knn": query})
    assert found == pytest.approx({"sea": 1.5, "sky": 1.25, "art": 1 / 1.5})
    assert list(found) == ["sea", "sky", "art"]


@pytest.mark.parametrize("space", SPACES)
@pytest.mark.parametrize("asked", [[0, 0, 0, 2, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6, 7, 8]])
def test_a_vector_finds_the_same_whether_few_of_its_numbers_say_something_or_all(
    index: Index, space: str, asked: list[int]
) -> None:
    field = {"type": "knn_vector", "dimension": 8, "space_type": space}
    index.client.indices.put_mapping(index=index.name, body={"properties": {"wide": field}})
    wide = {"rising": [0, 1, 2, 3, 4, 5, 6, 7], "falling": [7, 6, 5, 4, 3, 2, 1, 1]}
    index.fill(**{key: {"wide": vector} for key, vector in wide.items()})
    found = index.find({"knn": {"wide": {"vector": asked, "k": 2}}})
    assert found == pytest.approx({key: SPACES[space](one, asked) for key, one in wide.items()})


def test_of_vectors_only_the_nearest_are_found_and_only_of_what_a_filter_lets(
    titles: Index,
) -> None:
    query: dict[str, Any] = {"vector": [1, 0], "k": 1}
    assert list(titles.find({"knn": {"vector": query}})) == ["sea"]
    query["filter"] = {"bool": {"must_not": {"term": {"name": "海賊"}}}}
    assert list(titles.find({"knn": {"vector": query}})) == ["sky"]


def test_an_answer_has_of_the_sources_what_was_asked_for(titles: Index) -> None:
    answer = titles.search({"term": {"key": "sea"}}, _source=["name"], track_total_hits=False)
    [hit] = answer["hits"]["hits"]
    assert hit["_source"] == {"name": "海賊"}
    assert "total" not in answer["hits"]
    whole = titles.search({"match_all": {}}, size=1, **{"from": 2})["hits"]
    assert whole["total"] == {"value": 3, "relation": "eq"}
    [told] = [hit["_source"] for hit in whole["hits"]]
    assert told == {"key": told["key"], **TITLES[told["key"]]}


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ({"no_such": {}}, "parsing_exception"),
        ({"match": {"words": {"query": "海", "no_such": 1}}}, "parsing_exception"),
        ({"term": {"kept": "x"}}, "query_shard_exception"),
        ({"knn": {"vector": {"vector": [1, 2, 3], "k": 1}}}, "query_shard_exception"),
    ],
)
def test_a_query_that_cannot_be_answered_says_why(titles: Index, query: Any, kind: str) -> None:
    assert refusal(titles.search, query)[:2] == (400, kind)


def test_what_is_searched_must_be_there(client: OpenSearch, name: str) -> None:
    refused = refusal(client.search, index=name, body={})
    assert refused[:2] == (404, "index_not_found_exception")


def test_what_is_found_can_be_counted(titles: Index) -> None:
    one = {"query": {"term": {"name": "海賊"}}}
    assert titles.client.count(index=titles.name, body=one)["count"] == 1


def test_several_searches_are_answered_together_and_one_may_be_refused(titles: Index) -> None:
    by_name = {"query": {"term": {"name": "海賊"}}, "_source": ["key"]}
    wrong = {"query": {"knn": {"vector": {"vector": [1, 2, 3], "k": 1}}}}
    lines = [line for body in (by_name, wrong) for line in ({}, body)]
    found, refused = titles.client.msearch(body=lines, index=titles.name)["responses"]
    assert [hit["_source"]["key"] for hit in found["hits"]["hits"]] == ["sea"]
    assert (found["status"], refused["status"]) == (200, 400)
    assert refused["error"]["type"] == "search_phase_execution_exception"
