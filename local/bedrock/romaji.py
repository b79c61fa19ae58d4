"""Readings in Latin letters, so that English answers can name a Japanese title."""

from __future__ import annotations

import re
import unicodedata

VOWELS = "aiueo"
ROWS = {
    "": "アイウエオ", "k": "カキクケコ", "g": "ガギグゲゴ", "s": "サシスセソ", "z": "ザジズゼゾ",
    "t": "タチツテト", "d": "ダヂヅデド", "n": "ナニヌネノ", "h": "ハヒフヘホ", "b": "バビブベボ",
    "p": "パピプペポ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
LETTERS = {
    kana: consonant + vowel
    for consonant, row in ROWS.items()
    for vowel, kana in zip(VOWELS, row, strict=True)
} | {
    "シ": "shi", "チ": "chi", "ツ": "tsu", "フ": "fu", "ジ": "ji", "ヂ": "ji", "ヅ": "zu",
    "ヤ": "ya", "ユ": "yu", "ヨ": "yo", "ワ": "wa", "ヲ": "o", "ン": "n", "ヴ": "vu",
}  # fmt: skip
SMALL = dict(
    zip("ァィゥェォャュョヮ", ["a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"], strict=True)
)
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
SYLLABLE = re.compile(f"([{''.join(LETTERS)}])([{''.join(SMALL)}]?)")
DOUBLED = re.compile(r"ッ([a-z])")
FOREIGN = re.compile(r"[^ -~]+")


def romaji(reading: str) -> str:
    """The reading, capitalised; characters that are neither kana nor Latin are left out."""
    katakana = unicodedata.normalize("NFKC", reading).translate(HIRAGANA).replace("ー", "")
    latin = DOUBLED.sub(r"\1\1", SYLLABLE.sub(_syllable, katakana)).replace("cch", "tch")
    return " ".join(FOREIGN.sub(" ", latin).split()).title()


def _syllable(match: re.Match[str]) -> str:
    letters, small = LETTERS[match[1]], SMALL.get(match[2])
    if small is None:
        return letters
    consonant = letters[:-1]
    return consonant + (small.removeprefix("y") if consonant in ("sh", "ch", "j") else small)
