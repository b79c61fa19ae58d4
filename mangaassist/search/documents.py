"""A title as the index holds it: in pieces of our own, so that no analyzer decides about names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mangaassist.search.folding import fold
from mangaassist.search.likeness import forms_of_name, pieces

MOST_EMBEDDED = 2_000  # characters of the text that a vector stands for; the model reads 2,048
DECIMALS = 5  # of a vector's numbers; more say nothing and make twice the bytes

Document = dict[str, Any]


def document(names: Iterable[str], words: str, vector: Sequence[float]) -> Document:
    """names: as they are written, also readings and creators; words: what the title is about."""
    named = list(dict.fromkeys(name for name in names if name))
    forms = [form for name in named for form in forms_of_name(name)]
    return {
        "names": named,
        "folded": sorted({folded for name in named if (folded := fold(name))}),
        "pieces": " ".join(pieces(forms)),
        "words": words,
        "vector": [round(value, DECIMALS) for value in vector],
    }


def words(row: Mapping[str, Any]) -> str:
    """What enrichment wrote about a title, in both languages, from its row of the catalogue."""
    written = row.get("enrichment", {})
    texts = [
        text
        for kind in sorted(written)
        if isinstance(written[kind], Mapping)
        for language in ("ja", "en")
        if (text := written[kind].get(language))
    ]
    return "\n".join(text if isinstance(text, str) else "、".join(text) for text in texts)


def embedded(names: Sequence[str], words: str) -> str:
    """The text that a title's vector stands for: what it is called, and what it is about."""
    return "\n".join([*names, words])[:MOST_EMBEDDED].strip()
