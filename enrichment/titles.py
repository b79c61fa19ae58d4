"""The names of titles and of who made them, for the chat to recognise titles by."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.models import Title
from mangaassist.creators import creators

BATCH = 5_000
SHORTEST_CREATOR = 3  # characters; shorter ones are in too many words


def names() -> Iterator[tuple[str, str]]:
    """Ids with their names, one at a time: the title itself, its reading, its creators."""
    columns = ("id", "title_jp", "title_kana", "creator", "original_creator")
    rows = Title.objects.values_list(*columns).iterator(chunk_size=BATCH)
    for id, title, reading, *makers in rows:
        yield from ((id, name) for name in _names(title, reading, *makers))


def names_of(title: Title) -> list[str]:
    """The same of one title."""
    return _names(title.title_jp, title.title_kana, title.creator, title.original_creator)


def _names(title: str, reading: str | None, *makers: str | None) -> list[str]:
    people = [name for cell in makers for name in creators(cell or "")]
    found = [title, reading, *(name for name in people if len(name) >= SHORTEST_CREATOR)]
    return [name for name in dict.fromkeys(found) if name]
