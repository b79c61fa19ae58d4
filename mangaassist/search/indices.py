"""The indices of the titles: one that is searched, and beside it perhaps one that is being built.

Searches go to one alias; what changes is written to every index of another alias, so that an index
under construction misses nothing. Which one is searched changes in a single step.
"""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone

from mangaassist.errors import Misconfigured
from mangaassist.search.client import naming, opensearch
from mangaassist.search.mapping import BODY, VERSION


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
    return sorted(_aliases())


def create() -> str:
    """Makes an empty index that changes are written to and nobody searches yet; its name."""
    name = f"{alias()}-v{VERSION}-{timezone.now():%Y%m%d%H%M%S%f}"
    with naming(f"creating the index {name}"):
        opensearch().indices.create(index=name, body={**BODY, "aliases": {all_written(): {}}})
    return name


def switch(to: str) -> list[str]:
    """Searches go to another index from now on; returns the others, for the caller to delete."""
    before = searched()
    actions = [{"add": {"index": to, "alias": alias()}}]
    actions += [{"remove": {"index": name, "alias": alias()}} for name in before if name != to]
    with naming(f"switching to the index {to}"):
        opensearch().indices.update_aliases(body={"actions": actions})
    return sorted({*before, *written()} - {to})


def delete(name: str) -> None:
    with naming(f"deleting the index {name}"):
        opensearch().indices.delete(index=name)


def count(name: str) -> int:
    """How many documents a search of an index would see."""
    with naming(f"counting the documents of {name}"):
        return int(opensearch().count(index=name)["count"])


def _behind(name: str) -> list[str]:
    return sorted(index for index, aliases in _aliases().items() if name in aliases)


def _aliases() -> dict[str, set[str]]:
    """Those of each index of titles. Serverless tells of all indices, or of one by its name."""
    with naming("reading the aliases"):
        found = opensearch().indices.get_alias()
    begins = f"{alias()}-v"
    return {name: set(of["aliases"]) for name, of in found.items() if name.startswith(begins)}
