"""The languages that people read, and which one the present reader wants."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import get_language


class Language(StrEnum):
    """A language of texts and messages."""

    JA = "ja"
    EN = "en"


def current() -> Language:
    """Django's active language, English for any that we do not write."""
    return Language.JA if (get_language() or "").startswith("ja") else Language.EN
