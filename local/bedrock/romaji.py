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
SMALL = dict(zip("ァィゥェォャュョヮ", ["a", "i", "u", "e", "o", "ya", "yu", "yo", "wa"], strict=True))
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
DOUBLED = re.compile(r"ッ([a-z])")
BLENDED = re.compile(r"([a-z]+)[aiueo]<y?([a-z]+)>")
FOREIGN = re.compile(r"[^ -~]+")


def romaji(reading: str) -> str:
    """The reading, capitalised; characters that are neither kana nor Latin are left out."""
    katakana = unicodedata.normalize("NFKC", reading).translate(HIRAGANA)
    marked = "".join(LETTERS.get(c) or (f"<{SMALL[c]}>" if c in SMALL else c) for c in katakana)
    latin = DOUBLED.sub(r"\1\1", BLENDED.sub(_blend, marked))
    return " ".join(FOREIGN.sub(" ", latin).replace("<", "").replace(">", "").split()).title()


def _blend(match: re.Match[str]) -> str:
    """Joins a syllable and a small kana: ki + ya = kya, shi + yu = shu, fu + a = fa."""
    before, small = match.groups()
    glide = "y" if "<y" in match.group() and before[-1:] not in ("h", "j") else ""
    return before + glide + small
