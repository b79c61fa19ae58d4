"""The languages that people read, and which one the present reader wants."""

from __future__ import annotations

from enum import StrEnum

from django.utils.translation import get_language
from django.utils.translation.trans_real import parse_accept_lang_header


class Language(StrEnum):
    """A language of texts and messages."""

    JA = "ja"
    EN = "en"


def current() -> Language:
    """Django's active language, English for any that we do not write."""
    return Language.JA if (get_language() or "").startswith("ja") else Language.EN


def named(name: object) -> Language | None:
    """The language of exactly this name, if it is one of ours."""
    return next((language for language in Language if language == name), None)


def accepted(header: str) -> Language:
    """The best of our languages in an Accept-Language header; Japanese when it names none."""
    for name, weight in parse_accept_lang_header(header.lower()):
        language = named(name.partition("-")[0])
        if language and weight > 0:
            return language
    return Language.JA
