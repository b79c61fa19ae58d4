"""The three questions that a search asks of OpenSearch, each a line of JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

from mangaassist.embedding import Written
from mangaassist.search.likeness import Form, pieces

CANDIDATES = 30  # names that are compared letter by letter
NEAREST = 20  # titles of each list of meanings
MOST_WORDS = "60%"  # of a wish's words that a title must have

# What every title of a manga shop is; a wish says as much without it.
OF_ALL = re.compile(
    r"漫画|マンガ|まんが|コミックス?|作品|(?<![a-z])(?:manga|comics?)(?![a-z])", re.IGNORECASE
)

Query = str


def by_names(forms: Iterable[Sequence[Form]]) -> Query:
    """The titles that share most pieces with texts that may be names."""
    texts = [form for some in forms for form in some]
    exact = {"terms": {"folded": sorted({form.text for form in texts}), "boost": 100}}
    alike = {"match": {"pieces": {"query": " ".join(pieces(texts))}}}
    return _query({"bool": {"should": [exact, alike]}}, CANDIDATES, "names")


def by_words(text: str) -> Query:
    """The titles whose texts have most of these words."""
    telling = OF_ALL.sub(" ", text).strip()
    match = {"query": telling or text, "minimum_should_match": MOST_WORDS}
    return _query({"match": {"words": match}}, NEAREST)


def by_vector(vector: Written) -> Query:
    """The titles whose texts mean about the same."""
    return f"{_BEFORE_VECTOR}{vector}{_AFTER_VECTOR}"


def _query(query: dict[str, Any], size: int, *told: str) -> Query:
    source = ["title", "version", *told]
    asked = {"size": size, "query": query, "_source": source, "track_total_hits": False}
    return json.dumps(asked, ensure_ascii=False)


_BEFORE_VECTOR, _AFTER_VECTOR = _query(
    {"knn": {"vector": {"vector": None, "k": NEAREST}}}, NEAREST
).split("null")
