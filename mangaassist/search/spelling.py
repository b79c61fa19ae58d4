"""Readings in Latin letters: Hepburn, Kunrei and the habits of keyboards give one spelling."""

from __future__ import annotations

import re
import unicodedata

KANA = (
    "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヰヱヲン"
    "ガギグゲゴザジズゼゾダヂヅデドバビブベボパピプペポヴ"
)
SYLLABLES = (
    "a i u e o ka ki ku ke ko sa shi su se so ta chi tsu te to na ni nu ne no ha hi fu he ho "
    "ma mi mu me mo ya yu yo ra ri ru re ro wa i e o n "
    "ga gi gu ge go za ji zu ze zo da ji zu de do ba bi bu be bo pa pi pu pe po bu"
).split()
SPOKEN = dict(zip(KANA, SYLLABLES, strict=True))
SMALL = {"ァ": "a", "ィ": "i", "ゥ": "u", "ェ": "e", "ォ": "o"}
GLIDES = {"ャ": "ya", "ュ": "yu", "ョ": "yo"}
HIRAGANA = {code: code + 0x60 for code in range(0x3041, 0x3097)}
OTHER = re.compile(r"[^\W\d_a-zA-Zァ-ヿ]")  # letters that are neither Latin nor kana
NOT_LATIN = re.compile(r"[^a-z]+")
# In this order: what Kunrei and keyboards write, before what all of them write alike.
ALIKE = (
    ("tch", "ch"), ("cch", "ch"), ("sh", "s"), ("ch", "t"), ("ts", "t"), ("f", "h"), ("j", "z"),
    ("sy", "s"), ("ty", "t"), ("zy", "z"), ("dz", "z"), ("wo", "o"), ("v", "b"), ("l", "r"),
    ("mb", "nb"), ("mp", "np"), ("mm", "nm"), ("ou", "o"),
)  # fmt: skip
DOUBLED = re.compile(r"(.)\1+")


def spell(reading: str) -> str:
    """The spelling of a reading in kana; empty for a name that has other letters too."""
    text = unicodedata.normalize("NFKC", reading).translate(HIRAGANA)
    return "" if OTHER.search(text) else _alike("".join(_syllables(text)))


def respell(latin: str) -> str:
    """The spelling of what somebody typed in Latin letters; empty for any other script."""
    plain = unicodedata.normalize("NFKD", latin).casefold()
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    if any(letter.isalpha() and not letter.isascii() for letter in plain):
        return ""
    return _alike(NOT_LATIN.sub("", plain))


def _syllables(text: str) -> list[str]:
    """A small kana changes the syllable before it; a small tsu and a long vowel say nothing."""
    spelled: list[str] = []
    for kana in text:
        if kana in GLIDES and spelled and spelled[-1].endswith("i"):
            glide = GLIDES[kana]
            start = spelled[-1][:-1]
            spelled[-1] = start + (glide[1:] if start in ("sh", "ch", "j") else glide)
        elif kana in SMALL and spelled and len(spelled[-1]) > 1:
            spelled[-1] = spelled[-1][:-1] + SMALL[kana]
        elif letters := SPOKEN.get(kana) or SMALL.get(kana) or GLIDES.get(kana):
            spelled.append(letters)
        elif kana.isascii() and kana.isalpha():
            spelled.append(kana.casefold())
    return spelled


def _alike(letters: str) -> str:
    for written, spoken in ALIKE:
        letters = letters.replace(written, spoken)
    return DOUBLED.sub(r"\1", letters)
