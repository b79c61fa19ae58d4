"""Cleans text for models and people: takes out what nobody can see, and composes the rest."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

import regex

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
SURROGATE = re.compile("[\ud800-\udfff]")

SELECTORS = r"\ufe00-\ufe0f\U000e0100-\U000e01ef"
TAGS = r"\U000e0020-\U000e007f"
BY_CONTEXT = rf"\u200c\u200d{SELECTORS}{TAGS}"

# What nobody sees can hide instructions from the people who review a text: controls, zero-width
# and bidi characters, fillers. Half characters and what is no character go as well.
INVISIBLE = regex.compile(
    rf"[[\p{{Default_Ignorable_Code_Point}}\p{{Cc}}\p{{Cs}}\p{{Cn}}\u2028\u2029\ufff9-\ufffc]"
    rf"--[\t\n\r{BY_CONTEXT}]]",
    regex.V1,
)
ASCII_CONTROLS = dict.fromkeys({*range(0x20), 0x7F} - set(b"\t\n\r"))

INDIC = r"[[\u0900-\u0dff]&&[\p{L}\p{M}]]"
JOINED = r"[[\u0620-\u077f\u0860-\u08ff\u0900-\u0dff]&&[\p{L}\p{M}]]"  # Arabic, Syriac and Indic
SYMBOL = r"[[\p{S}\p{Emoji}\p{ExtPict}]--\u2adc]"  # U+2ADC ends with a mark when composed
EMOJI = r"\p{ExtPict}(?:\ufe0f|\p{Emoji_Modifier})?"
# Those of England, Scotland and Wales; fonts draw no other, and any other word would be hidden.
FLAGS = "|".join(
    "".join(chr(0xE0000 + ord(letter)) for letter in flag) for flag in ("gbeng", "gbsct", "gbwls")
)
# A selector chooses the glyph of a kanji in a name, or of a symbol. The first 48 are more than any
# kanji has; letters hide in the higher ones.
SELECTED = rf"[{HAN}][\ufe00-\ufe02\U000e0100-\U000e012f]|{SYMBOL}[\ufe0e\ufe0f]"

OUT_OF_CONTEXT = regex.compile(
    rf"""(?=[{BY_CONTEXT}])(?:
      \u200d(?:\u200d++|(?<!{INDIC}\u200d)(?!(?<={EMOJI}\u200d)\p{{ExtPict}}))
    | \u200c(?!(?<={JOINED}\u200c){JOINED})
    | [{SELECTORS}](?:(?<=[{SELECTORS}]{{2}})[{SELECTORS}]*+|(?<!{SELECTED}))
    | [{TAGS}]++(?<!🏴(?:{FLAGS})\U000e007f)
    )""",
    regex.V1 | regex.VERBOSE,
)
PRIVATE = regex.compile(r"\p{Co}")

# NFC would replace the compatibility ideographs by their common form, and with them the way a
# person writes their name. It would make three characters of a musical note, and it sorts marks in
# quadratic time, so that no more are left to it than any writing stacks.
KEPT = "[\uf900-\ufaff\U0002f800-\U0002fa1f\U0001d15e-\U0001d1c0]"
HAS_KEPT = re.compile(KEPT)
HAS_TOWER = regex.compile(r"\p{M}{31}")
NOT_COMPOSED = regex.compile(rf"({KEPT}+|\p{{M}}{{31,}}+)")


class Cleaned(NamedTuple):
    """A clean text, and how many invisible characters were removed to make it so."""

    text: str
    removed: int


def clean(text: str) -> str:
    """A text of several lines as people see it: composed, with newlines and tabs.

    Cleaning it again changes nothing.
    """
    return clean_and_count(text).text


def clean_and_count(text: str) -> Cleaned:
    """The clean text, and how many characters nobody could have seen."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n")
    seen = PRIVATE.sub("\N{REPLACEMENT CHARACTER}", _without_invisible(text))
    shaped = OUT_OF_CONTEXT.sub("", seen)
    removed = len(text) - len(shaped)
    while (composed := compose(shaped)) != shaped:
        shaped = OUT_OF_CONTEXT.sub("", composed)
        removed += len(composed) - len(shaped)
        if shaped == composed:
            break
    return Cleaned(shaped, removed)


def one_line(text: str) -> str:
    """The clean text with every run of white space as one space and none at the ends."""
    return " ".join(clean(" ".join(text.split())).split())


def strip_invisible(text: str) -> str:
    """Removes what nobody can see, except white space and what shapes its visible neighbour."""
    return OUT_OF_CONTEXT.sub("", _without_invisible(text))


def _without_invisible(text: str) -> str:
    if text.isascii():
        return text if text.isprintable() else text.translate(ASCII_CONTROLS)
    return INVISIBLE.sub("", text)


def compose(text: str) -> str:
    """NFC, except for the compatibility ideographs that names are written with, and notes."""
    if unicodedata.is_normalized("NFC", text):
        return text
    if not HAS_KEPT.search(text) and not HAS_TOWER.search(text):
        return unicodedata.normalize("NFC", text)
    parts: list[str] = NOT_COMPOSED.split(text)
    parts[::2] = [unicodedata.normalize("NFC", part) for part in parts[::2]]
    return "".join(parts)
