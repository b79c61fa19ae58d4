"""Writes one value for a JSON Schema, about the prompt's own title and in the right language."""

from __future__ import annotations

from itertools import cycle
from random import Random
from typing import Any

from local.bedrock import phrases
from local.bedrock.prompt import JAPANESE, Prompt
from local.bedrock.romaji import romaji

# What a text aims at below its limit, in characters, by the start of its property's name.
AIMS = {("pitch", "ja"): 60, ("pitch", "en"): 120, ("synopsis", "ja"): 220, ("synopsis", "en"): 450}
AIM = 160
LONGEST = 10_000  # characters, where the schema leaves it open
LIST = 4  # entries, likewise

Schema = dict[str, Any]


class Writer:
    """Draws from the stock of phrases. Swapped, it writes each language in the other's place."""

    def __init__(self, prompt: Prompt, random: Random, *, swapped: bool) -> None:
        self._random = random
        self._swapped = swapped
        kana, title, creator = map(prompt.value, ("titleKana", "titleJp", "creator"))
        self._titles = {"ja": title, "en": _latin(title, kana or title)}
        self._creators = {"ja": creator, "en": _latin(creator, creator)}

    def value(self, schema: Schema, name: str = "", language: str = "ja") -> Any:
        """A value that obeys `schema`; the name says what it is about and, by _ja or _en, how."""
        language = self._language(name, language)
        if "enum" in schema:
            return schema["enum"][0]
        match schema.get("type", "object"):
            case "object":
                parts = schema.get("properties", {})
                return {part: self.value(parts[part], part, language) for part in parts}
            case "array":
                return self._list(schema, name, language)
            case "string":
                low, high = schema.get("minLength", 1), schema.get("maxLength", LONGEST)
                return self._text(low, high, name, language)
            case "boolean":
                return False
            case "integer" | "number":
                return schema.get("minimum", 0)
        return None

    def _language(self, name: str, inherited: str) -> str:
        suffix = name.rpartition("_")[2]
        if suffix not in phrases.OTHER:
            return inherited
        return phrases.OTHER[suffix] if self._swapped else suffix

    def _list(self, schema: Schema, name: str, language: str) -> list[Any]:
        least = schema.get("minItems", 1)
        count = self._random.randint(least, schema.get("maxItems", max(least, LIST)))
        items = schema.get("items", {"type": "string"})
        if "enum" in items:
            return self._random.sample(items["enum"], min(count, len(items["enum"])))
        if items.get("type") != "string":
            return [self.value(items, name, language) for _ in range(count)]
        return self._words(count, items, name, language)

    def _words(self, count: int, items: Schema, name: str, language: str) -> list[str]:
        """Different words, the title's own first where the list is one of keywords."""
        low, high = items.get("minLength", 1), items.get("maxLength", AIM)
        own = self._own_keywords(language) if name.startswith("keywords") else []
        stock = [word for word in phrases.WORDS[language] if low <= len(word) <= high]
        drawn = self._random.sample(stock, min(count, len(stock)))
        words = [*(word for word in own if low <= len(word) <= high), *drawn][:count]
        # A list longer than the stock, or of words longer than any in it, is filled with sentences.
        while len(words) < count:
            number = str(len(words) + 1)
            words.append(self._text(low, high - len(number), name, language) + number)
        return words

    def _own_keywords(self, language: str) -> list[str]:
        facts = {"title": self._titles[language], "creator": self._creators[language]}
        patterns = phrases.KEYWORDS[language]
        return [
            pattern.format(**facts)
            for pattern in patterns
            if all(fact for key, fact in facts.items() if key in pattern)
        ]

    def _text(self, low: int, high: int, name: str, language: str) -> str:
        """Whole sentences, up to the length such a text aims at; one that is too long is cut."""
        topic = name.partition("_")[0]
        aim = min(high, max(low, AIMS.get((topic, language), AIM)))
        text = phrases.MARK[language]
        for number, sentence in enumerate(cycle(self._sentences(topic, language))):
            added = text + (phrases.JOIN[language] if number else "") + sentence
            if number and len(text) >= low and len(added) > aim:
                break
            text = added
        return text[:high]

    def _sentences(self, topic: str, language: str) -> list[str]:
        """The opening first, the others in any order, all with the same place, hero and theme."""
        opening, *others = (phrases.PITCH if topic == "pitch" else phrases.STORY)[language]
        title = self._titles[language]
        facts = {
            "title": phrases.QUOTED[language].format(title)
            if title
            else phrases.UNTITLED[language],
            "place": self._random.choice(phrases.PLACES[language]),
            "hero": self._random.choice(phrases.HEROES[language]),
            "theme": self._random.choice(phrases.THEMES[language]),
        }
        drawn = [opening, *self._random.sample(others, len(others))]
        return [sentence.format(**facts) for sentence in drawn]


def _latin(name: str, reading: str) -> str:
    """The name in Latin letters, or an empty text where that takes more than its reading."""
    return romaji(reading) if JAPANESE.search(name) else name
