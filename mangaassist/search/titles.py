"""Finds titles in OpenSearch: by their names in any writing, and by what they are about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import structlog

from mangaassist import embedding, metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import Failure, Temporary
from mangaassist.pools import Pool
from mangaassist.search import indices, queries, ranking
from mangaassist.search.client import naming, opensearch
from mangaassist.search.hits import Hit, newest, title_of
from mangaassist.search.likeness import forms_of_text
from mangaassist.search.ranking import Match

CLOSE = 0.66  # likeness from which a text is meant to be the name
LOOSE = 0.5  # from which a name may be meant, beside titles that mean what is asked
LEAST = 0.02  # seconds that a request must have left to be worth it
FOR_VECTOR = 0.6  # of the time that is left; the rest is for the search itself

log = structlog.get_logger(__name__)


def find(texts: Sequence[str], most: int, *, pool: Pool, deadline: Deadline) -> list[str]:
    """Ids of the titles that texts name or, if they name none, are wishes for; the best first.

    Raises a Failure, also when the time is over before the names have been looked up.
    """
    forms = [found for text in texts if (found := forms_of_text(text))]
    if not forms:
        return []
    named = ranking.by_likeness(_search(queries.by_names(forms), deadline), forms)
    if close := [match.id for match in named if match.likeness >= CLOSE]:
        return close[:most]
    return ranking.fuse([_loose(named), *_meant(" ".join(texts), pool, deadline)], most)


def _loose(named: Sequence[Match]) -> list[str]:
    return [match.id for match in named if match.likeness >= LOOSE]


def _meant(wish: str, pool: Pool, deadline: Deadline) -> list[list[str]]:
    """Ids by the words of a wish and by its vector; without a vector in time, by words alone."""
    words = [title_of(hit) for hit in _search(queries.by_words(wish), deadline)]
    try:
        within = FOR_VECTOR * deadline.left()
        vector = embedding.of_question(wish, pool=pool, within=within)
        return [words, ranking.near(_search(queries.by_vector(vector), deadline))]
    except Failure as failure:
        metrics.SEARCH_FAILURES.record(Code=failure.code)
        log.warning("search_without_vector", code=failure.code, cause=failure.message)
        return [words]


def _search(query: dict[str, Any], deadline: Deadline) -> list[Hit]:
    left = deadline.left()
    if left < LEAST:
        raise Temporary("search_late", "The time for a search was over.")
    with naming("a search"):
        answer = opensearch().search(
            index=indices.alias(), body=query, params={"request_timeout": left}
        )
    return newest(answer["hits"]["hits"])
