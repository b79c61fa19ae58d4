"""What a dead letter is about: the work that it names, and whether a redrive would do any."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from enrichment.models import Item, Release
from enrichment.states import OUTSTANDING
from enrichment.tasks import enrich_item, stage_release
from mangaassist.broker.letters import Letter

SHORT = 8  # letters of an id that are shown: with a whole one, somebody could read a chat


@dataclass(frozen=True)
class Shown:
    """A letter with what the database knows. outdated: its work was sent again since, or is over,
    so that it would do nothing; None where nobody knows. state, cause: of the work, now."""

    letter: Letter
    ids: str
    outdated: bool | None
    state: str = ""
    cause: str = ""


def described(letters: Iterable[Letter]) -> list[Shown]:
    """In the order of the letters, with one query for each kind of work."""
    found = list(letters)
    items = Item.objects.in_bulk(_works(found, enrich_item.name))
    releases = Release.objects.in_bulk(_works(found, stage_release.name))
    shown = []
    for letter in found:
        numbers = _numbers(letter)
        if letter.task == enrich_item.name and numbers:
            shown.append(_of_item(letter, numbers, items.get(numbers[0])))
        elif letter.task == stage_release.name and numbers:
            shown.append(_of_release(letter, numbers, releases.get(numbers[0])))
        else:
            ids = " ".join(str(argument)[:SHORT] for argument in letter.arguments)
            shown.append(Shown(letter, ids, None))
    return shown


def _of_item(letter: Letter, numbers: tuple[int, int], item: Item | None) -> Shown:
    ids = f"item {numbers[0]}, delivery {numbers[1]}"
    if item is None:
        return Shown(letter, ids, outdated=True)
    waits = item.state in OUTSTANDING and item.delivery == numbers[1]
    cause = f"{item.code}: {item.message}" if item.code else ""
    return Shown(letter, ids, not waits, item.state, cause)


def _of_release(letter: Letter, numbers: tuple[int, int], release: Release | None) -> Shown:
    ids = f"release {numbers[0]}, delivery {numbers[1]}"
    if release is None:
        return Shown(letter, ids, outdated=True)
    reading = release.state in (Release.State.RECEIVED, Release.State.STAGING)
    waits = reading and release.delivery == numbers[1]
    return Shown(letter, ids, not waits, release.state, release.code)


def _works(letters: Iterable[Letter], task: str) -> list[int]:
    mine = (_numbers(letter) for letter in letters if letter.task == task)
    return [numbers[0] for numbers in mine if numbers]


def _numbers(letter: Letter) -> tuple[int, int] | None:
    """Id and delivery; None for arguments that our tasks do not take."""
    arguments: tuple[Any, ...] = letter.arguments
    if len(arguments) == 2 and all(type(one) is int for one in arguments):
        return arguments[0], arguments[1]
    return None
