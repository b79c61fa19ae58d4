"""Product cards: what a page shows of a title, all of it from the catalogue and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from typing import Any
from urllib.parse import quote

from django.conf import settings

MOST_CARDS = 5
MOST_TAGS = 5
LONGEST_ABOUT = 160  # characters
LONGEST_CREATOR = 160
AVAILABILITIES = ("in_stock", "preorder", "backorder", "out_of_stock")
READERS: dict[str, Callable[[Any], Any]] = {"volumes": int, "price": int, "tags": tuple}

SENTENCE = re.compile(r".*?(?:[。！？]|[.!?](?=\s|\Z))", re.DOTALL)


@dataclass(frozen=True)
class Card:
    """One title. What the catalogue does not say is empty, or 0.

    about: a sentence without spoilers; price: yen with tax; availability: of AVAILABILITIES; url:
    of the title's page in the shop.
    """

    id: str
    title: str
    creator: str = ""
    tags: tuple[str, ...] = ()
    about: str = ""
    volumes: int = 0
    price: int = 0
    availability: str = ""
    url: str = ""

    def shown(self) -> dict[str, Any]:
        """What is there, as the protocol and the table have it."""
        found = {name: value for name, value in vars(self).items() if value}
        return found | ({"tags": list(self.tags)} if self.tags else {})


FIELDS = [field.name for field in fields(Card)]


def card(id: str, title: str, row: Mapping[str, Any], language: str) -> Card:
    """The card of a title from its row, which is empty for one that nobody enriched yet.

    title: its name, should the row have none.
    """
    written = row.get("enrichment", {})
    texts = {
        kind: written.get(kind, {}).get(language, "") for kind in ("pitch", "synopsis", "tags")
    }
    availability = str(row.get("availability", ""))
    return Card(
        id,
        str(row.get("titleJp") or title),
        creator=_cut(str(row.get("creator") or row.get("originalCreator") or ""), LONGEST_CREATOR),
        tags=tuple(map(str, texts["tags"] or ()))[:MOST_TAGS],
        about=_beginning(str(texts["pitch"] or texts["synopsis"])),
        volumes=_number(row.get("volumes")),
        price=_number(row.get("price")),
        availability=availability if availability in AVAILABILITIES else "",
        url=page_of(id),
    )


def read(shown: Iterable[Mapping[str, Any]]) -> tuple[Card, ...]:
    """Cards as the table has them; numbers are Decimal there."""
    return tuple(
        Card(**{name: READERS.get(name, str)(one[name]) for name in FIELDS if name in one})
        for one in shown
    )


def page_of(id: str) -> str:
    """The address of a title's page; empty when the shop has told us none."""
    return settings.STORE_TITLE_URL.replace("{id}", quote(id, safe=""))


def _beginning(text: str) -> str:
    """The first sentence."""
    first = SENTENCE.match(text)
    return _cut((first[0] if first else text).strip(), LONGEST_ABOUT)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def _number(value: Any) -> int:
    """0 for what is no whole number, such as 748 or "748"."""
    text = str(value)
    return int(text) if text.isascii() and text.isdecimal() else 0
