"""The language of an answer: asked for, preferred, accepted, or Japanese."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils.translation import activate
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.views import APIView

from mangaassist.language import Language, accepted, named
from mangaassist.models import Profile

PARAMETER = "preferredLanguage"


def language_of(request: Request, with_body: bool = True) -> Language:
    """What the query asks for, or the body, or the user's profile, or Accept-Language.

    A value that is none of our languages asks for nothing. Reading the body raises what the
    request's parser raises.
    """
    asked = named(request.query_params.get(PARAMETER))
    if not asked and with_body and isinstance(request.data, dict):
        asked = named(request.data.get(PARAMETER))
    return asked or language_of_reader(request)


def language_of_reader(request: HttpRequest | Request) -> Language:
    """The language of the user's profile, or of Accept-Language."""
    return _preferred(request) or _accepted(request)


def _preferred(request: HttpRequest | Request) -> Language | None:
    if not request.user.is_authenticated:
        return None
    found = Profile.objects.filter(user=request.user).values_list("language", flat=True)
    return named(found.first())


def _accepted(request: HttpRequest | Request) -> Language:
    return accepted(request.headers.get("Accept-Language", ""))


class Localized(APIView):
    """A view that speaks the caller's language, its errors included.

    The language is settled three times, each time from more: before the user is known, before the
    body is read, and before the view acts. Django's LocaleMiddleware starts the next request anew.
    """

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        # A client may name any codec of Python as its charset, even one that unpacks.
        request.encoding = "utf-8"
        activate(named(request.GET.get(PARAMETER)) or _accepted(request))
        return super().initialize_request(request, *args, **kwargs)

    def perform_authentication(self, request: Request) -> None:
        super().perform_authentication(request)
        activate(language_of(request, with_body=False))

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in SAFE_METHODS:
            activate(language_of(request))
