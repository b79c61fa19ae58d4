"""How like a text is to a name: its start, a part, another spelling or a slip of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from mangaassist.search.folding import fold
from mangaassist.search.spelling import respell, spell

# No folded text has these, and no analyzer that splits at blanks takes them off.
START, LATIN = "^", "~"
LONGEST = 80  # characters of a text; names are shorter
SHORTEST_LATIN = 3  # letters; fewer are in every other spelling
WITHIN = 0.9  # likeness of a name that has the whole text in it, and more
OF_TEXT = 0.8  # how much a covered text counts against a covered name
REMEMBERED = 4_096  # names, of 3 KB each; what people ask for meets the same ones again


class Form(NamedTuple):
    """A text as it is compared: whole, and in pieces."""

    text: str
    pieces: frozenset[str]


@lru_cache(REMEMBERED)
def forms_of_name(name: str) -> tuple[Form, ...]:
    """A name as it is folded and, if it is all kana or Latin, as it is spelled."""
    return tuple(_forms(name, spell(name)))


def forms_of_text(text: str) -> list[Form]:
    """What somebody typed, in the same way."""
    head = text[:LONGEST]
    return _forms(head, respell(head))


def pieces(forms: Iterable[Form]) -> list[str]:
    """All pieces of some forms, sorted."""
    return sorted(frozenset().union(*(form.pieces for form in forms)))


def likeness(text: Sequence[Form], names: Iterable[str]) -> float:
    """From 0 to 1, that of the name that is most like the text; 1 for the name itself."""
    of_names = [form for name in names for form in forms_of_name(name)]
    return max((_likeness(one, name) for one in text for name in of_names), default=0.0)


def _likeness(text: Form, name: Form) -> float:
    shared = len(text.pieces & name.pieces)
    if not shared:
        return 0.0
    of_name = shared / len(name.pieces)
    found = OF_TEXT * shared / len(text.pieces) + (1 - OF_TEXT) * of_name
    return max(found, WITHIN + (1 - WITHIN) * of_name) if text.text in name.text else found


def _forms(text: str, latin: str) -> list[Form]:
    folded = fold(text)
    forms = [Form(folded, frozenset(_cut(folded, 2)))] if folded else []
    if len(latin) >= SHORTEST_LATIN:
        forms.append(Form(latin, frozenset(LATIN + piece for piece in _cut(latin, 3))))
    return forms


def _cut(text: str, size: int) -> list[str]:
    marked = START + text
    return [marked[at : at + size] for at in range(max(1, len(marked) - size + 1))]
