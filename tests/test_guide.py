"""Both guides have the same parts, and name what is really on the screen."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from chat import page_texts
from dashboard import (
    action_texts,
    alarm_texts,
    job_texts,
    letter_texts,
    queue_texts,
    texts,
    upload_texts,
    verdict,
)
from mangaassist.messages import Texts

DOCS = Path(__file__).parent.parent / "docs"
GUIDES = {
    "en": (DOCS / "guide.md").read_text(encoding="utf-8"),
    "ja": (DOCS / "guide.ja.md").read_text(encoding="utf-8"),
}
TABLES = (
    action_texts, alarm_texts, job_texts, letter_texts, page_texts, queue_texts, texts,
    upload_texts, verdict,
)  # fmt: skip


def shown(value: Any) -> Iterator[Texts]:
    """The texts in a table, however deep."""
    if isinstance(value, Texts):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from shown(each)
    elif is_dataclass(value) or isinstance(value, ModuleType):
        yield from shown(vars(value))


def named(language: str) -> list[str]:
    return re.findall(r"\*\*(.+?)\*\*", GUIDES[language])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_what_the_guide_names_is_on_the_screen(language: str) -> None:
    known = {getattr(text, language) for table in TABLES for text in shown(vars(table))}
    assert set(named(language)) - known == set()


def test_both_have_the_same_parts() -> None:
    english, japanese = (re.findall(r"^(#+|\d\.|!)", text, re.M) for text in GUIDES.values())
    assert english == japanese
    assert len(named("en")) == len(named("ja"))


@pytest.mark.parametrize("language", ["en", "ja"])
def test_pictures_and_pages_that_it_leads_to_are_there(language: str) -> None:
    places = re.findall(r"\]\(([^)]+)\)", GUIDES[language])
    assert [place for place in places if not (DOCS / place).exists()] == []
