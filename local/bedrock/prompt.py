"""What a request asks: its texts, its titles, the JSON Schema to obey and the language to use."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from html import unescape
from typing import Any

from local.bedrock import tokens

JAPANESE = re.compile(r"[ぁ-ゖァ-ヺｦ-ﾝ一-鿿㐀-䶿々]")
ELEMENT = re.compile(r"<(\w+)>.*?</\1>", re.DOTALL)
TAG = re.compile(r"<[^>]*>")
MESSAGE = re.compile(r"<message>(.*)</message>", re.DOTALL)
SCHEMA = re.compile(r"<schema>(.*?)</schema>", re.DOTALL)
TITLE_ID = re.compile(r"<id>([^<]+)</id>")
MENTION = 40  # characters of a title that a text repeats


@dataclass(frozen=True)
class Prompt:
    """One request's texts: the system's first, then the messages' in order."""

    texts: Sequence[str]
    messages: int
    question: str  # the last user message

    @cached_property
    def text(self) -> str:
        return "\n".join(self.texts)

    @cached_property
    def input_tokens(self) -> int:
        return sum(map(tokens.count, self.texts)) + tokens.PER_MESSAGE * self.messages

    @property
    def title_ids(self) -> set[str]:
        return {id.strip() for id in TITLE_ID.findall(self.text)}

    @cached_property
    def schema(self) -> dict[str, Any] | None:
        """The last JSON Schema found; None without one or when it is not a JSON object."""
        found = SCHEMA.findall(self.text)
        return _object(found[-1]) if found else None

    @cached_property
    def said(self) -> str:
        """What the last user message has as its <message>, or else all but its data blocks.

        Where it is nothing but data, all of it without tags.
        """
        if found := MESSAGE.search(self.question):
            return " ".join(unescape(found[1]).split())
        outside = ELEMENT.sub(" ", self.question)
        words = outside if outside.strip() else TAG.sub(" ", self.question)
        return " ".join(words.split())

    @property
    def visible(self) -> str:
        """The last user message as a reader sees it: data too, without tags."""
        return unescape(TAG.sub(" ", self.question)).strip()

    @property
    def language(self) -> str:
        """ja or en, by what the last user message says."""
        return "ja" if JAPANESE.search(self.said) else "en"

    def values(self, tag: str) -> list[str]:
        """The non-empty contents of every such element, in order and shortened to MENTION."""
        found = re.findall(f"<{tag}>([^<]*)</{tag}>", self.text)
        return [unescape(value).strip()[:MENTION] for value in found if value.strip()]

    def value(self, tag: str) -> str:
        return next(iter(self.values(tag)), "")


@lru_cache(maxsize=64)
def _object(text: str) -> dict[str, Any] | None:
    try:
        schema = json.loads(text)
    except ValueError:
        return None
    return schema if isinstance(schema, dict) else None
