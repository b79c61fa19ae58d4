"""Sessions, with a sentence about CSRF that people can read."""

from __future__ import annotations

from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request

from mangaassist.api.problems import Problem
from mangaassist.messages import Texts

NO_CSRF_TOKEN = Texts(
    "CSRF の確認に失敗しました（{reason}）。ページを読み込み直して、もう一度行ってください。",
    "The CSRF check failed ({reason}). Load the page again and repeat what you did.",
)


class Session(SessionAuthentication):
    """Django's sessions; changes need the CSRF token, as in forms."""

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as error:
            reason = str(error.detail).removeprefix("CSRF Failed: ").rstrip(".")
            raise Problem(403, "csrf_failed", NO_CSRF_TOKEN, {"reason": reason}) from error
