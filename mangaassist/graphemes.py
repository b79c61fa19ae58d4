"""Counts what readers call characters: the extended grapheme clusters of UAX #29."""

from __future__ import annotations

from typing import NamedTuple

import regex

# `\X` looks back over all regional indicators before it, which is quadratic in a row of flags. A
# pair taken whole needs no look back.
CLUSTER = r"(?:\p{RI}{2}[\p{GCB=Extend}\u200d\p{GCB=SpacingMark}]*|\X)"
# Plain characters join nothing to each other, so all of a run but its last are clusters.
PLAIN = r"[\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}\p{GCB=Control}\n]"

EACH = regex.compile(CLUSTER)
AFTER_PLAIN_RUN = regex.compile(rf"(?:{PLAIN}+(?={PLAIN}))?\K{CLUSTER}")


class Graphemes(NamedTuple):
    """How many clusters a text has, and those of them that are longer than asked."""

    total: int
    long: list[str]


def count_grapheme_clusters(text: str) -> int:
    """How many characters a reader sees, in time that grows with the length alone."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    plain, others = AFTER_PLAIN_RUN.subn("", text)
    return len(plain) + others


def measure(text: str, usual: int) -> Graphemes:
    """The count, and every cluster of more than `usual` (two or more) code points."""
    if text.isascii():
        return Graphemes(count_grapheme_clusters(text), [])
    found: list[str] = AFTER_PLAIN_RUN.findall(text)
    lengths = [*map(len, found)]
    total = len(text) - sum(lengths) + len(found)
    if max(lengths) <= usual:
        return Graphemes(total, [])
    return Graphemes(total, [cluster for cluster in found if len(cluster) > usual])


def clusters(text: str) -> list[str]:
    """All clusters in order; joined they are the text."""
    return EACH.findall(text)
