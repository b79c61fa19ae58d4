"""The indices of the titles: one that is searched, and beside it perhaps one that is being built.

Searches go to one alias; what changes is written to every index of another alias, so that an index
under construction misses nothing. Which one is searched changes in a single step.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone
from opensearchpy.exceptions import NotFoundError

from mangaassist.errors import Failure, Misconfigured
from mangaassist.search.client import naming, of_status, opensearch
from mangaassist.search.documents import Document
from mangaassist.search.mapping import BODY, VERSION

CONFLICT, ABSENT = 409, 404  # somebody newer has written; nothing was there to delete


@dataclass(frozen=True)
class Title:
    """A title as it was at some time. version: grows with that time; document: None for gone."""

    id: str
    version: int
    document: Document | None


def alias() -> str:
    """What is searched."""
    return str(settings.OPENSEARCH_INDEX)


def all_written() -> str:
    """The alias of every index that is to be kept up to date."""
    return f"{alias()}-written"


def searched() -> list[str]:
    """The index that is searched, if there is one."""
    return _behind(alias())


def written() -> list[str]:
    """The indices that changes go to. Raises Misconfigured when there is none."""
    found = _behind(all_written())
    if not found:
        message = f"There is no index {all_written()}; manage.py provision makes it."
        raise Misconfigured("no_index", message)
    return found


def made() -> list[str]:
    """All indices of titles, also those that no alias leads to."""
    pattern = f"{alias()}-v*"
    with naming(f"reading the indices {pattern}"):
        return sorted(opensearch().indices.get_alias(index=pattern))


def create() -> str:
    """Makes an empty index that changes are written to and nobody searches yet; its name."""
    name = f"{alias()}-v{VERSION}-{timezone.now():%Y%m%d%H%M%S%f}"
    with naming(f"creating the index {name}"):
        opensearch().indices.create(index=name, body={**BODY, "aliases": {all_written(): {}}})
    return name


def switch(to: str) -> list[str]:
    """Searches go to another index from now on; the old ones are deleted. Returns their names."""
    old = [name for name in {*searched(), *written()} if name != to]
    actions = [{"add": {"index": to, "alias": alias()}}]
    actions += [{"remove": {"index": name, "alias": alias()}} for name in searched() if name != to]
    with naming(f"switching to the index {to}"):
        opensearch().indices.update_aliases(body={"actions": actions})
    for name in old:
        delete(name)
    return sorted(old)


def delete(name: str) -> None:
    with naming(f"deleting the index {name}"):
        opensearch().indices.delete(index=name)


def write(titles: Sequence[Title], indices: Iterable[str]) -> dict[str, Failure]:
    """Writes titles to indices, unless something newer is there; what was refused, by title id.

    Raises a Failure when the server takes none of it.
    """
    lines = [line for index in indices for title in titles for line in _lines(title, index)]
    if not lines:
        return {}
    with naming("writing titles"):
        answer = opensearch().bulk(body="\n".join(lines) + "\n")
    refused: dict[str, Failure] = {}
    for item in answer["items"]:
        [(_, result)] = item.items()
        if result["status"] >= 400 and result["status"] not in (CONFLICT, ABSENT):
            refused[result["_id"]] = of_status(result["status"], str(result.get("error")))
    return refused


def count(name: str) -> int:
    """How many titles a search of an index would see."""
    with naming(f"counting the titles of {name}"):
        return int(opensearch().count(index=name)["count"])


def _lines(title: Title, index: str) -> list[str]:
    where = {
        "_index": index, "_id": title.id, "version": title.version, "version_type": "external",
    }  # fmt: skip
    if title.document is None:
        return [_json({"delete": where})]
    return [_json({"index": where}), _json(title.document)]


def _json(value: Mapping[str, object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _behind(name: str) -> list[str]:
    with naming(f"reading the alias {name}"):
        try:
            return sorted(opensearch().indices.get_alias(name=name))
        except NotFoundError:
            return []
