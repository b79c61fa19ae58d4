"""Finds titles in OpenSearch: by their names in any writing, and by what they are about."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from mangaassist import embedding, metrics
from mangaassist.deadline import Deadline
from mangaassist.errors import Failure, Temporary
from mangaassist.pools import Pool
from mangaassist.search import client, indices, queries, ranking
from mangaassist.search.client import Answer, of_status
from mangaassist.search.hits import Hit, newest, title_of
from mangaassist.search.likeness import forms_of_text
from mangaassist.search.queries import Query
from mangaassist.search.ranking import Match

CLOSE = 0.66  # likeness from which a text is meant to be the name
LOOSE = 0.4  # from which a name may be meant, beside titles that mean what is asked
LEAST = 0.02  # seconds that a request must have left to be worth it
FOR_VECTOR = 0.6  # of the time that is left; the rest is for the search itself

log = structlog.get_logger(__name__)


def find(
    texts: Sequence[str], most: int, *, pool: Pool, deadline: Deadline, wished: bool = False
) -> list[str]:
    """Ids of the titles that texts name or, if they name none, are wishes for; the best first.

    wished: they say what titles shall be about, so that a name like them proves nothing. Raises a
    Failure, also when the time is over before the names have been looked up.
    """
    forms = [found for text in texts if (found := forms_of_text(text))]
    if not forms:
        return []
    wish = " ".join(texts)
    asked = [queries.by_names(forms), queries.by_words(wish)]
    # A vector that is there already goes along; another one is worth its call only without a name.
    if vector := embedding.known(wish):
        asked.append(queries.by_vector(vector))
    answers = _search(asked, deadline)
    names, words = map(_hits, answers[:2])
    named = ranking.by_likeness(names, forms)
    close = [match.id for match in named if match.likeness >= CLOSE]
    if close and not wished:
        return close[:most]
    meant = _meant(wish, pool, deadline, answers[2:])
    return ranking.fuse([_loose(named), [title_of(hit) for hit in words], meant], most)


def _loose(named: Sequence[Match]) -> list[str]:
    return [match.id for match in named if match.likeness >= LOOSE]


def _meant(wish: str, pool: Pool, deadline: Deadline, answers: Sequence[Answer]) -> list[str]:
    """Ids by the vector of a wish; none when there is no vector in time.

    answers: what was found by it already.
    """
    try:
        if not answers:
            within = FOR_VECTOR * deadline.left()
            vector = embedding.of_question(wish, pool=pool, within=within)
            answers = _search([queries.by_vector(vector)], deadline)
        return ranking.near(_hits(answers[0]))
    except Failure as failure:
        metrics.SEARCH_FAILURES.record(Code=failure.code)
        log.warning("search_without_vector", code=failure.code, cause=failure.message)
        return []


def _search(asked: Sequence[Query], deadline: Deadline) -> list[Answer]:
    """The answer to each query; all of them go in one request. Raises a Failure."""
    left = deadline.left()
    if left < LEAST:
        raise Temporary("search_late", "The time for a search was over.")
    return client.search(indices.alias(), asked, left)


def _hits(answer: Answer) -> list[Hit]:
    """Raises a Failure for a search that failed."""
    if "error" in answer:
        raise of_status(answer["status"], f"a search failed: {answer['error']['type']}")
    return newest(answer["hits"]["hits"])
