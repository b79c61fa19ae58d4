"""The chat's page: a shell that the server renders and a module fills."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_cache_control, patch_vary_headers
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from chat.page_texts import WORDS
from chat.visitors import new_visitor, remember, visitor
from mangaassist import validation
from mangaassist.api.languages import language_of_reader
from mangaassist.content_policy import content_policy
from mangaassist.language import Language, named
from mangaassist.messages import Texts

SOCKET = "/ws/chat/"
LANGUAGE_PARAMETER = "lang"
# What chat.js imports, so that a browser gets them at once and not one after the other.
NAMES = "accent banner cards composer exchange frame judge paragraphs socket"
MODULES = [f"chat/{name}.js" for name in NAMES.split()]
# Beyond that, no way to make markup of text.
POLICY = ("form-action 'none'", "require-trusted-types-for 'script'", "trusted-types 'none'")
FEATURES = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)"


WIDGET = Path(__file__).with_name("static") / "chat" / "widget.js"
WIDGET_LIFE = 3_600  # seconds that a store's page may keep it


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """The page in the reader's language, with a cookie for who comes without one."""
    response = _page(request, framed=False)
    response["Content-Security-Policy"] = content_policy(*POLICY)
    return response


@require_safe
@xframe_options_exempt  # It knows no list of origins; the policy does.
def frame(request: HttpRequest) -> HttpResponse:
    """The same for a frame in pages of CHAT_EMBED_ORIGINS."""
    response = _page(request, framed=True)
    ancestors = " ".join(settings.CHAT_EMBED_ORIGINS) or "'none'"
    response["Content-Security-Policy"] = content_policy(*POLICY, ancestors=ancestors)
    return response


@require_safe
def widget(request: HttpRequest) -> HttpResponse:
    """The script that shows the frame in a store's page."""
    response = HttpResponse(WIDGET.read_bytes(), content_type="text/javascript; charset=utf-8")
    patch_cache_control(response, public=True, max_age=WIDGET_LIFE)
    return response


def _page(request: HttpRequest, *, framed: bool) -> HttpResponse:
    language = named(request.GET.get(LANGUAGE_PARAMETER)) or language_of_reader(request)
    words = _in(language, WORDS)
    context = {
        "language": language.value,
        "words": words,
        "modules": MODULES,
        "sign_in": f"{settings.LOGIN_URL}?{urlencode({'next': reverse('chat')})}",
        "framed": framed,
        "config": _config(language, words) | {"framed": framed},
    }
    response = render(request, "chat/page.html", context)
    remember(response, visitor(request.COOKIES) or new_visitor())
    response["Permissions-Policy"] = FEATURES
    response["Content-Language"] = language.value
    patch_cache_control(response, private=True, no_cache=True)
    patch_vary_headers(response, ("Cookie", "Accept-Language"))
    return response


def _config(language: Language, words: dict[str, str]) -> dict[str, Any]:
    """What the page's module must know; its names are those of the module."""
    return {
        "language": language.value,
        "socket": f"{SOCKET}?{LANGUAGE_PARAMETER}={language.value}",
        "limits": {
            "characters": validation.MOST_GRAPHEMES,
            "bytes": validation.MESSAGE_BYTES,
            "tokens": validation.MOST_TOKENS,
        },
        "words": words,
        "faults": _in(language, validation.SENTENCES),
    }


def _in(language: Language, texts: dict[str, Texts]) -> dict[str, str]:
    """Texts of one language, with the braces that the module fills in."""
    return {name: getattr(text, language.value) for name, text in texts.items()}
