"""How many requests a caller may make: by scope, in settings.API_RATES."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from django.conf import settings
from rest_framework.permissions import SAFE_METHODS
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from mangaassist.api.permissions import View, action_of
from mangaassist.rates import Bucket, RateLimiter

STRANGER = "stranger"


class Rates(BaseThrottle):
    """Charges one request to the user, or to the address of a stranger.

    The view's `throttle_scope` names the scope of all its actions, or maps actions to scopes; by
    itself a request is `read` when its method is safe and `write` when not.
    """

    _wait = 0.0

    def allow_request(self, request: Request, view: View) -> bool:
        scope = scope_of(request, view)
        per_minute, burst = settings.API_RATES[scope]
        limiter = limiter_of(settings.REDIS_URL, per_minute, burst)
        self._wait = limiter.take(f"{scope}:{self._caller(request)}")
        return not self._wait

    def wait(self) -> float:
        return self._wait

    def _caller(self, request: Request) -> str:
        user = request.user
        return f"user:{user.pk}" if user.is_authenticated else f"address:{self.get_ident(request)}"


def stranger_wait(request: Request) -> float:
    """Seconds until an address is answered again that did not say who it is; charges one attempt.

    Who has a right token is never refused for the guesses of a neighbour.
    """
    per_minute, burst = settings.API_RATES[STRANGER]
    address = BaseThrottle().get_ident(request)
    return limiter_of(settings.REDIS_URL, per_minute, burst).take(f"{STRANGER}:{address}")


def scope_of(request: Request, view: View) -> str:
    declared: str | Mapping[str, str] | None = getattr(view, "throttle_scope", None)
    if isinstance(declared, Mapping):
        declared = declared.get(action_of(request, view))
    return declared or ("read" if request.method in SAFE_METHODS else "write")


@cache
def limiter_of(url: str, per_minute: int, burst: int) -> RateLimiter:
    return RateLimiter(url, Bucket(per_minute / 60, burst))
