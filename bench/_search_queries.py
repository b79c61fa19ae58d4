"""What people might type for a title, by kind. Pure: the same title gives the same queries."""

from __future__ import annotations

import hashlib
import random
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

from local.bedrock.romaji import romaji

HIRAGANA = {code + 0x60: code for code in range(0x3041, 0x3097)}
KUNREI = (("sh", "sy"), ("tch", "tty"), ("ch", "ty"), ("tsu", "tu"), ("fu", "hu"), ("j", "zy"))
PLAIN = (("syi", "si"), ("tyi", "ti"), ("zyi", "zi"))
OLD = str.maketrans("高崎浜辺斉徳沢声虫国宝竜広黒真与剣戦", "髙﨑濱邊齋德澤聲蟲國寶龍廣黑眞與劍戰")
LEAST = 4  # characters of a name of which a part or a slip still says something


class Title(NamedTuple):
    id: str
    name: str
    reading: str


def held_out(title: Title) -> bool:
    """Whether a title is of the half that nothing was tuned on."""
    return hashlib.sha256(title.id.encode()).digest()[0] % 2 == 1


def queries(title: Title) -> dict[str, str]:
    """Queries for a title by kind; a kind that would say nothing new is left out."""
    chance = random.Random(title.id)  # Nobody gains by foreseeing a query.
    made = {
        "hiragana": title.reading.translate(HIRAGANA),
        "katakana": title.reading,
        "romaji": _latin(title, chance),
        "part": _part(title.name, chance),
        "variant": _variant(title.name, chance),
        "typo": _slip(title.name, chance),
    }
    return {kind: text for kind, text in made.items() if text}


def _latin(title: Title, chance: random.Random) -> str:
    """In Hepburn or, as often, in Kunrei; none for a reading that is not all kana."""
    if not all("ァ" <= kana <= "ー" for kana in title.reading):
        return ""
    letters = romaji(title.reading).casefold()
    if chance.random() < 0.5:
        for hepburn, kunrei in KUNREI + PLAIN:
            letters = letters.replace(hepburn, kunrei)
    return letters


def _part(name: str, chance: random.Random) -> str:
    """Three fifths of a name, from anywhere in it."""
    length = max(LEAST, len(name) * 3 // 5)
    at = chance.randrange(max(1, len(name) - length + 1))
    return name[at : at + length] if length < len(name) else ""


def _variant(name: str, chance: random.Random) -> str:
    """Old kanji, wide letters, narrow kana, or a blank within; none that leaves it as it is."""
    at = chance.randrange(1, len(name)) if len(name) > 1 else 0
    ways: list[Callable[[], str]] = [
        lambda: name.translate(OLD),
        lambda: "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in name),
        lambda: unicodedata.normalize("NFKC", name).upper().translate(HIRAGANA),
        lambda: f"{name[:at]} {name[at:]}",
    ]
    changed = [text for way in ways if (text := way()) != name]
    return chance.choice(changed)


def _slip(name: str, chance: random.Random) -> str:
    """One character left out, doubled, or changed places with the next."""
    if len(name) < LEAST:
        return ""
    at = chance.randrange(len(name) - 1)
    swapped = name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return chance.choice([name[:at] + name[at + 1 :], name[: at + 1] + name[at:], swapped])
