"""The names of titles, for the chat to recognise them by."""

from __future__ import annotations

from collections.abc import Iterator

from enrichment.models import Title

BATCH = 5_000


def names() -> Iterator[tuple[str, str]]:
    """Ids with their names, one at a time: the title itself before its reading."""
    rows = Title.objects.values_list("id", "title_jp", "title_kana").iterator(chunk_size=BATCH)
    for id, *both in rows:
        yield from ((id, name) for name in both if name)
