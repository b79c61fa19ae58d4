"""What titles of the bench are about, and wishes for it. Pure: the same title gives the same.

The bench's catalogue has names alone. Each title is given two themes, and as its tags a word of
each; a wish for a theme has any of its words, which mostly is another one.
"""

from __future__ import annotations

import random

from bench._search_queries import Title
from local.bedrock.themes import THEMES

ABOUT = 2  # themes of a title
SYNOPSIS = "小さな町から始まる物語です。章を追うごとに、隠された秘密が少しずつ明かされていきます。"
JAPANESE = ("{}漫画を教えて", "{}マンガが読みたい", "{}のマンガはありますか？", "{}")
ENGLISH = ("{} manga please", "I am looking for {} manga", "{}")


def about(title: Title) -> list[str]:
    """The themes of a title."""
    return random.Random(f"about {title.id}").sample(sorted(THEMES), ABOUT)


def words(title: Title) -> str:
    """What enrichment may have written about a title: a synopsis that says nothing, and tags."""
    chance = random.Random(f"words {title.id}")
    tags = [chance.choice(THEMES[theme]) for theme in about(title)]
    return f"{SYNOPSIS}\n{'、'.join(tags)}"


def wish(title: Title) -> tuple[str, str]:
    """A theme of the title, and a message of somebody who wants such titles."""
    chance = random.Random(f"wish {title.id}")
    theme = about(title)[0]
    word = chance.choice(THEMES[theme])
    return theme, chance.choice(ENGLISH if word.isascii() else JAPANESE).format(word)
