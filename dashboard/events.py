"""What a page's stream sends: all of a board to whom it is new, else what has changed. Pure."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property

# Only a template writes this: quotes in what people have written are escaped.
PART = re.compile(r'(?=<\w+ [^>]*data-part=")')


@dataclass(frozen=True)
class Event:
    """A board in the state of this number. parts: its HTML, cut before each part; changed: those
    that differ from the number before."""

    number: int
    parts: list[str]
    changed: list[str]

    def after(self, seen: int) -> bytes:
        """For a page that has got the state of that number last; 0 for none."""
        return self._changes if seen == self.number - 1 else self._whole

    @cached_property
    def _whole(self) -> bytes:
        return _encoded(self.number, self.parts)

    @cached_property
    def _changes(self) -> bytes:
        return _encoded(self.number, self.changed)


def event(number: int, html: str, before: Event | None) -> Event:
    """before: the same board in the state of the number before, if anybody has seen it."""
    parts = PART.split(html)
    if before is None:
        return Event(number, parts, parts)
    known = set(before.parts)
    return Event(number, parts, [part for part in parts if part not in known])


def _encoded(number: int, parts: list[str]) -> bytes:
    data = json.dumps({"html": "".join(parts)}, ensure_ascii=False)
    return f"id: {number}\nevent: snapshot\ndata: {data}\n\n".encode()
