"""What a shopper may want to ask next, by rules on the titles of an answer; no model is asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from chat.cards import Card
from mangaassist.creators import creators
from mangaassist.messages import Texts

MOST = 3
LONGEST_NAME = 30  # characters; a longer one makes no good button

SAME_CREATOR = Texts("{name}のほかの作品は？", "What else is there by {name}?")
SAME_TAG = Texts("「{name}」の漫画をもっと教えて", "More manga about “{name}”, please")
COMPARE = Texts("『{first}』と『{second}』の違いは？", "How do “{first}” and “{second}” differ?")
SIMILAR = Texts("『{name}』に似た作品は？", "What is similar to “{name}”?")


def follow_ups(cards: Sequence[Card], language: str) -> list[str]:
    """Up to three questions about the titles of an answer; none without titles."""
    found = dict.fromkeys(_questions(cards, language))
    return list(found)[:MOST]


def titles(cards: Sequence[Card], language: str) -> dict[str, Any]:
    """What a frame or a turn says of the titles of an answer, nothing without titles."""
    if not cards:
        return {}
    shown = [card.shown() for card in cards]
    return {"cards": shown, "suggestions": follow_ups(cards, language)}


def _questions(cards: Sequence[Card], language: str) -> Iterator[str]:
    names = [card.title for card in cards if len(card.title) <= LONGEST_NAME]
    if len(names) > 1:
        yield COMPARE.text(language, {"first": names[0], "second": names[1]})
    tags = Counter(tag for card in cards for tag in card.tags)
    for tag, _ in tags.most_common(1):
        yield SAME_TAG.text(language, {"name": tag})
    people = [name for card in cards for name in creators(card.creator)]
    for creator in [name for name in people if len(name) <= LONGEST_NAME][:1]:
        yield SAME_CREATOR.text(language, {"name": creator})
    for name in names[:1]:
        yield SIMILAR.text(language, {"name": name})
