"""Counts what readers call characters: the extended grapheme clusters of UAX #29."""

from __future__ import annotations

from typing import NamedTuple

import regex

# `\X` looks back over all regional indicators before it, which is quadratic in a row of flags. A
# pair taken whole needs no look back.
JOINING = r"[\p{GCB=Extend}\u200d\p{GCB=SpacingMark}]"
CLUSTER = rf"(?:\p{{RI}}{{2}}{JOINING}*|\X)"
# Plain characters join nothing to each other, so all of a run but its last are clusters. A mark
# after a control has nothing to join, and is as plain as that.
CONTROL = r"[\p{GCB=Control}\n]"
PLAIN = r"[\p{GCB=Other}\p{GCB=LV}\p{GCB=LVT}\p{GCB=Control}\n]"
PLAIN_RUN = rf"{PLAIN}+(?={PLAIN})"
LONE_MARK = rf"{CONTROL}{JOINING}(?={PLAIN})"

AFTER_PLAIN_RUN = regex.compile(
    rf"(?:{PLAIN_RUN}(?:{LONE_MARK}(?:{PLAIN_RUN})?)*+|(?:{LONE_MARK})+)?\K{CLUSTER}"
)


class Graphemes(NamedTuple):
    """How many clusters a text has, and those of them that are longer than asked."""

    total: int
    long: list[str]


def count_grapheme_clusters(text: str) -> int:
    """How many characters a reader sees, in time that grows with the length alone."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    text = text.replace("\r\n", "\n").replace("\r", "\n")  # as many, and plain
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
