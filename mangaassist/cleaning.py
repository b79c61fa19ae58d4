"""Cleans text for models and people: takes out what nobody can see, and composes the rest."""

from __future__ import annotations

import re
import unicodedata

HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003fffd"
SELECTORS = "\ufe00-\ufe0f\U000e0100-\U000e01ef"

# What nobody sees can hide instructions from the people who review a text: controls, zero-width,
# bidi and tag characters. Half characters and noncharacters go as well.
INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ud800-\udfff\ufdd0-\ufdef\ufeff\uffa0\ufff0-\ufffc"
    "\ufffe\uffff\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]+"
)
# One variation selector may choose the glyph of a kanji in a name, or of a symbol; more hide data.
STRAY_SELECTOR = re.compile(
    f"(?<![{HAN}])[\U000e0100-\U000e01ef]+|(?<=[{SELECTORS}])[{SELECTORS}]+|(?<!\\S)[{SELECTORS}]+"
)
SELECTOR = re.compile(f"[{SELECTORS}]")
SURROGATE = re.compile("[\ud800-\udfff]")

# NFC would replace these by their common form, and with them the way a person writes their name.
EXCEPT_NAME_VARIANTS = re.compile("[^\uf900-\ufaff\U0002f800-\U0002fa1f]+")


def compose(text: str) -> str:
    """NFC, except for the compatibility ideographs that names are written with."""
    if unicodedata.is_normalized("NFC", text):
        return text
    return EXCEPT_NAME_VARIANTS.sub(lambda run: unicodedata.normalize("NFC", run[0]), text)


def strip_invisible(text: str) -> str:
    """Removes what nobody can see, except white space and the selector of a glyph."""
    if text.isascii() and text.isprintable():
        return text
    text = INVISIBLE.sub("", text)
    return STRAY_SELECTOR.sub("", text) if SELECTOR.search(text) else text


def one_line(text: str) -> str:
    """The visible text composed, every run of white space as one space and none at the ends."""
    visible = strip_invisible(" ".join(text.split()))
    return compose(" ".join(visible.split()))
