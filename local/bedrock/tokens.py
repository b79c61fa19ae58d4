"""An estimate of Claude's tokens: one per Japanese character, one per five Latin letters."""

from __future__ import annotations

import re
from functools import lru_cache

LONG = r"\s?[A-Za-z]{1,5}|\s?\d{1,2}"  # pieces that can have several characters
LONG_PIECE = re.compile(LONG)
PIECE = re.compile(f"{LONG}|.", re.DOTALL)
PER_MESSAGE = 8  # the framing around each message


def split(text: str) -> list[str]:
    """The pieces a model would write one after the other; joined they are the text."""
    return PIECE.findall(text)


# Prompts repeat their system text, which is most of them.
@lru_cache(maxsize=512)
def count(text: str) -> int:
    """How many pieces; every character outside of the long ones is one."""
    long = LONG_PIECE.findall(text)
    return len(text) - len("".join(long)) + len(long)
