"""Which model answers a message, and who tries next when it cannot."""

from __future__ import annotations

import re
import unicodedata

from mangaassist.tokens import estimate_tokens

LONG = 500  # tokens of a message
MANY_TITLES = 3
MANY_QUESTIONS = 3

THOUGHTFUL = re.compile(
    r"比較|比べ|違い|考察|分析|理由|なぜ|読む順|順番|時系列|伏線|影響|徹底|詳しく"
    r"|\b(?:compar\w+|differen\w+|analy[sz]\w+|why|explain|reading order|chronolog\w+|themes?"
    r"|influence\w*|in detail)\b",
    re.IGNORECASE,
)


def ladder(message: str, titles: int, fast: str, strong: str) -> tuple[str, ...]:
    """Model ids in the order in which they are tried; titles: how many the message names.

    The fast one gets a second try of its own: a single error should not defer an answer.
    """
    return (strong, fast) if is_demanding(message, titles) else (fast, fast)


def is_demanding(message: str, titles: int) -> bool:
    """Whether a message is long or wants more than a look into the catalogue."""
    text = unicodedata.normalize("NFKC", message)
    return (
        estimate_tokens(text) > LONG
        or titles >= MANY_TITLES
        or text.count("?") >= MANY_QUESTIONS
        or bool(THOUGHTFUL.search(text))
    )
