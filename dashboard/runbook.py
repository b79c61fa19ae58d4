"""The runbook's sections in both languages, ready to be shown: as paragraphs and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache

from django.conf import settings

from mangaassist.alarms.definitions import Alarm
from mangaassist.alarms.parsing import defined
from mangaassist.language import Language

PLACES = {Language.EN: "docs/runbook.md", Language.JA: "docs/runbook.ja.md"}
PIECES = re.compile(r"`([^`]+)`|\[([^\]]+)\]\(#([a-z0-9-]+)\)|\*([^*]+)\*")


@dataclass(frozen=True)
class Piece:
    """Words of a paragraph. kind: the alarms that they name, when they lead to a section."""

    text: str
    is_code: bool = False
    kind: str = ""


@dataclass(frozen=True)
class Block:
    """A paragraph, or lines to be run."""

    pieces: tuple[Piece, ...]
    commands: tuple[str, ...] = ()


@cache
def sections(language: Language) -> dict[str, str]:
    """The text of each section by its heading. Raises OSError without the file."""
    text = (settings.BASE_DIR / PLACES[language]).read_text(encoding="utf-8")
    parts = (part.partition("\n") for part in re.split(r"^#{2,3} ", text, flags=re.MULTILINE))
    return {heading: body.strip() for heading, _, body in parts}


def blocks(alarm: Alarm, language: Language) -> list[Block]:
    """The section about an alarm without the line of its rule, and with its own first command
    where the runbook has that of another queue, pool or table. Raises KeyError."""
    several = re.split(r"\n{2,}", sections(language)[alarm.kind])[1:]
    others = {other.look for other in defined().values() if other.kind == alarm.kind}
    return [_block(text, others, alarm.look) for text in several]


def kinds_named(kind: str) -> list[str]:
    """Other kinds of alarms that a section speaks of, in its order."""
    known = sections(Language.EN)
    words = re.findall(r"[a-z0-9-]+", known[kind])
    return [word for word in dict.fromkeys(words) if word in known and word != kind]


def _block(text: str, others: Set[str], look: str) -> Block:
    lines = text.splitlines()
    if all(line.startswith("    ") for line in lines):
        commands = (line.strip() for line in lines)
        return Block((), tuple(look if line in others else line for line in commands))
    return Block(tuple(_pieces(" ".join(lines))))


def _pieces(text: str) -> Iterator[Piece]:
    done = 0
    for match in PIECES.finditer(text):
        if match.start() > done:
            yield Piece(text[done : match.start()])
        code, label, target, stressed = match.groups()
        if code:
            yield Piece(code, is_code=True, kind=code if code in sections(Language.EN) else "")
        else:
            yield Piece(label or stressed, kind=target or "")
        done = match.end()
    if done < len(text):
        yield Piece(text[done:])
