"""Counts what readers call characters: the extended grapheme clusters of UAX #29."""

from __future__ import annotations

import re
from typing import NamedTuple

import regex

# `\X` looks back over all regional indicators before it, which is quadratic in a row of flags. A
# pair taken whole needs no look back.
CLUSTER = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\u200d\p{GCB=SpacingMark}]*|\X")
# Everyday characters that join nothing to each other: the inner ones of a run are clusters, which
# `re` finds far faster than `\X`. A carriage return is none, because it joins a newline.
PLAIN = (
    "[\0-\x0c\x0e-\x7f\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
    "\uac00-\ud7a3\uff01-\uff9d]"
)
INNER = re.compile(f"(?<={PLAIN}){PLAIN}{{3,}}(?={PLAIN})")


class Graphemes(NamedTuple):
    """How many clusters a text has, and those of them that are longer than asked."""

    total: int
    long: list[str]


def count_grapheme_clusters(text: str) -> int:
    """How many characters a reader sees, in time that grows with the length alone."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as many, and plain
    return measure(text, len(text)).total


def measure(text: str, usual: int) -> Graphemes:
    """The count, and every cluster of more than `usual` (two or more) code points."""
    if text.isascii():
        return Graphemes(count_grapheme_clusters(text), [])
    rest = INNER.sub("", text)
    found: list[str] = CLUSTER.findall(rest)
    total = len(text) - len(rest) + len(found)
    joined = len(rest) - len(found)  # No cluster has more than these beside its first.
    if joined < usual or max(map(len, found)) <= usual:
        return Graphemes(total, [])
    return Graphemes(total, [cluster for cluster in found if len(cluster) > usual])
