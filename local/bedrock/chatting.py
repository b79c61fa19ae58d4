"""A chat answer: what was asked, the catalogue's titles with what it says of them, and advice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape
from random import Random

from local.bedrock import phrases
from local.bedrock.prompt import MENTION, Prompt

QUESTION = 40  # characters of the question that an answer repeats
MENTIONED = 3  # titles that it names
TAGS = 2  # of each
TITLE = re.compile(r"(?=<id>)")
FIELD = re.compile(r"<(\w+)>([^<]+)</\1>")
LABEL = re.compile(r"\[[^\]]*\]")  # what a creator did, such as [原作]

INNER_QUOTES = str.maketrans("「」", "『』")

Facts = dict[str, str]


def chat(prompt: Prompt, random: Random, *, swapped: bool) -> str:
    """A few sentences in the language of the last user message, or the other if swapped."""
    language = phrases.OTHER[prompt.language] if swapped else prompt.language
    sentences = [] if swapped else [_asked(prompt.said, language)]
    if missing := prompt.value("not_found"):
        sentences.append(phrases.MISSING[language].format(missing))
    if titles := list(_titles(prompt)):
        sentences += _told(titles, language)
        sentences.append(random.choice(phrases.ADVICE[language]))
    elif not missing:
        sentences.append(phrases.UNFOUND[language])
    sentences.append(random.choice(phrases.CLOSING[language]))
    return phrases.MARK[language] + phrases.JOIN[language].join(sentences)


def _asked(said: str, language: str) -> str:
    kind = phrases.ASKED if said.endswith(("?", "？")) else phrases.SOUGHT
    return kind[language].format(said[:QUESTION].translate(INNER_QUOTES))


def _titles(prompt: Prompt) -> Iterator[Facts]:
    """The facts of the first titles in the last message, by the catalogue's names."""
    _, *found = TITLE.split(prompt.question)
    for title in found[:MENTIONED]:
        yield {name: unescape(value).strip() for name, value in FIELD.findall(title)}


def _told(titles: Iterable[Facts], language: str) -> Iterator[str]:
    """What the catalogue says of each title; those with no more than a name come together."""
    names = []
    for facts in titles:
        title = phrases.QUOTED[language].format(facts.get("titleJp", "")[:MENTION])
        known = {"title": f"{title}[[{facts['id']}]]", **_known(facts, language)}
        fitting = (
            pattern
            for pattern in phrases.DESCRIBED[language]
            if all(f"{{{name}}}" not in pattern or fact for name, fact in known.items())
        )
        if pattern := next(fitting, ""):
            yield pattern.format(**known)
        else:
            names.append(known["title"])
    if names:
        yield phrases.FOUND[language].format(phrases.AND[language].join(names))


def _known(facts: Facts, language: str) -> Facts:
    """Makers, year and tags as a sentence has them, empty where the catalogue has none."""
    tags = [tag for tag in facts.get("tags", "").split("、") if tag]
    return {
        "creator": LABEL.sub("", facts.get("creator", "")).strip()[:MENTION],
        "year": facts.get("firstPublished", "")[:4],
        "tags": phrases.AND[language].join(tags[:TAGS]),
    }
