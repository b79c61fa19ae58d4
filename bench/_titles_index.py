"""An index of the bench's titles in OpenSearch, written and searched as the product does it.

To be imported when the environment names a stack: Django reads it then.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import django

django.setup()

from bench._search_queries import Title  # noqa: E402
from bench._wishes import words  # noqa: E402
from chat.catalogue import names_a_genre, wishes  # noqa: E402
from mangaassist import embedding  # noqa: E402
from mangaassist.deadline import Deadline  # noqa: E402
from mangaassist.pools import MAINTENANCE, WEBSOCKET  # noqa: E402
from mangaassist.search import copies, documents, indices, titles  # noqa: E402

MOST = 5  # of each answer
WITHIN = 10.0  # seconds of a search; the bench measures how long it takes, not what gives up
PATIENCE = 60.0  # seconds for the limiter, and for vectors


def index(found: Sequence[Title]) -> float:
    """Writes titles side by side, as the maintenance pool does; returns how many a second."""
    name = indices.create()
    begun = time.monotonic()
    chunks = [
        found[start : start + embedding.MOST_TEXTS]
        for start in range(0, len(found), embedding.MOST_TEXTS)
    ]
    with ThreadPoolExecutor(MAINTENANCE.permits) as pool:
        refused = [
            one for some in pool.map(lambda chunk: _write(chunk, name), chunks) for one in some
        ]
    rate = len(found) / (time.monotonic() - begun)
    if refused or indices.count(name) != len(found):
        raise SystemExit(f"{indices.count(name)} of {len(found)} titles are in the index")
    indices.switch(name)
    return rate


def search(text: str) -> list[str]:
    """Ids of the titles that are found for a text, the best first."""
    return titles.find([text], MOST, pool=WEBSOCKET, deadline=Deadline(WITHIN))


def search_wishes(message: str) -> list[str]:
    """Ids of the titles that are found for what somebody writes, as the chat looks them up."""
    deadline, wished = Deadline(WITHIN), names_a_genre(message)
    return titles.find(wishes(message), MOST, pool=WEBSOCKET, deadline=deadline, wished=wished)


def _write(chunk: Sequence[Title], name: str) -> list[str]:
    names = [[title.name, title.reading] for title in chunk]
    texts = [documents.embedded(own, words(title)) for own, title in zip(names, chunk, strict=True)]
    vectors = embedding.of_titles(texts, pool=MAINTENANCE, patience=PATIENCE, within=PATIENCE)
    made = [
        copies.Title(title.id, 1, documents.document(own, words(title), vector))
        for own, title, vector in zip(names, chunk, vectors, strict=True)
    ]
    return list(copies.write(made, [name]))
