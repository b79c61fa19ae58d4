"""What all pages of the dashboard share: navigation, language, colours, and their headers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_cache_control, patch_vary_headers

from dashboard.texts import words
from enrichment.roles import LOOK
from mangaassist.api.languages import language_of_reader
from mangaassist.content_policy import content_policy
from mangaassist.language import Language, accepted, named

POLICY = content_policy("form-action 'self'")
THEMES = ("system", "light", "dark")
KEPT_FOR = 365 * 86_400  # seconds that a browser remembers language and colours


@dataclass(frozen=True)
class Section:
    """One page of the navigation.

    word: its name in the texts; key: after `g` it opens the page; own: editors see their own there.
    """

    word: str
    route: str
    key: str
    own: bool = False


SECTIONS = (
    Section("overview", "dashboard:page", "o"),
    Section("jobs", "dashboard:jobs", "j", own=True),
    Section("uploads", "dashboard:uploads", "u", own=True),
    Section("queues", "dashboard:queues", "q"),
    Section("reconciliation", "dashboard:reconciliation", "r"),
    Section("alarms", "dashboard:alarms", "a"),
    Section("chat", "dashboard:chat", "c"),
    Section("audit", "dashboard:audit", "d", own=True),
)


def show(
    request: HttpRequest, template: str, section: str, context: Mapping[str, Any]
) -> HttpResponse:
    """A page in the reader's language, with what was asked for remembered by the browser."""
    language, theme = language_of(request), _theme(request)
    with translation.override(language.value):
        response = render(
            request, template, {**context, **_frame(request, section, language, theme)}
        )
    response["Content-Security-Policy"] = POLICY
    response["Content-Language"] = language.value
    patch_cache_control(response, private=True, no_store=True)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    for name, value in (("lang", language.value), ("theme", theme)):
        if name in request.GET:
            path = reverse("dashboard:page")
            response.set_cookie(name, value, KEPT_FOR, path=path, httponly=True, samesite="Lax")
    return response


def language_of(request: HttpRequest) -> Language:
    """What the address asks for, the browser remembers, the user prefers, or accepts."""
    asked = named(request.GET.get("lang")) or named(request.COOKIES.get("lang"))
    return asked or language_of_reader(request)


def language_of_stream(request: HttpRequest) -> Language:
    """As its page asks for it; without a question to the database."""
    return named(request.GET.get("lang")) or accepted(request.headers.get("Accept-Language", ""))


def _theme(request: HttpRequest) -> str:
    asked = request.GET.get("theme") or request.COOKIES.get("theme")
    return asked if asked in THEMES else THEMES[0]


def _frame(request: HttpRequest, section: str, language: Language, theme: str) -> dict[str, Any]:
    known = words(language)
    other = Language.EN if language is Language.JA else Language.JA
    following = THEMES[(THEMES.index(theme) + 1) % len(THEMES)]
    return {
        "language": language.value,
        "theme": theme,
        "words": known,
        "sections": list(_sections(section, known, request.user.has_perm(LOOK))),
        "other_language": other.value,
        "to_other_language": _changed(request, lang=other.value),
        "to_next_theme": _changed(request, theme=following),
        "theme_word": known[f"theme_{theme}"],
    }


def _sections(current: str, known: Mapping[str, str], everything: bool) -> Iterator[dict[str, Any]]:
    for section in SECTIONS:
        if not (everything or section.own):
            continue
        yield {
            "name": known[section.word],
            "url": reverse(section.route),
            "key": section.key,
            "is_current": section.word == current,
        }


def _changed(request: HttpRequest, **changes: str) -> str:
    """The query of this page with other parameters changed."""
    query = request.GET.copy()
    for name, value in changes.items():
        query[name] = value
    return f"?{query.urlencode()}"
