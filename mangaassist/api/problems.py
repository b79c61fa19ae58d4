"""Every error of a view becomes a problem document in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.core import exceptions as django_errors
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from rest_framework import exceptions
from rest_framework.fields import get_error_detail
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.settings import api_settings

from mangaassist.api.documents import CONTENT_TYPE, problem_document
from mangaassist.api.throttles import stranger_wait
from mangaassist.language import current
from mangaassist.messages import Parameters, Texts

INVALID = "validation_failed"
INVALID_TEXTS = Texts(
    "入力に誤りがあります。errors の各項目を直して、もう一度送ってください。",
    "The input is not valid. Correct what is listed under errors and send it again.",
)
UNREADABLE_TEXTS = Texts(
    "リクエストの本文を読み取れません。Content-Type どおりの形式で送ってください。",
    "The body of the request cannot be read. Send it in the form that its Content-Type says.",
)
TOO_LARGE_TEXTS = Texts(
    "リクエストが大きすぎます。分けて送ってください。",
    "The request is too large. Send it in parts.",
)


THROTTLED_TEXTS = Texts(
    "リクエストが多すぎます。{seconds}秒後にもう一度お試しください。",
    "Too many requests. Try again in {seconds} seconds.",
)

UNKNOWN_CALLER = (exceptions.NotAuthenticated, exceptions.AuthenticationFailed)


class Problem(exceptions.APIException):
    """An error of our own.

    code: short stable name in snake case; texts: what is wrong, where, and what to do;
    extra: further members of the document; headers: of the answer.
    """

    def __init__(
        self,
        status: int,
        code: str,
        texts: Texts,
        parameters: Parameters | None = None,
        extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(texts.text(current(), parameters or {}), code)
        self.status_code = status
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})


class ProblemRenderer(JSONRenderer):
    """Only the exception handler chooses it: views never offer it for their results."""

    media_type = CONTENT_TYPE
    format = "problem"


def exception_handler(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Answers DRF's and Django's errors; None for any other, which Django logs and answers."""
    known = known_error(error)
    if known is None:
        return None
    request = context["request"]
    if isinstance(known, UNKNOWN_CALLER) and (wait := stranger_wait(request)):
        known = exceptions.Throttled(wait)
    request.accepted_renderer = ProblemRenderer()
    request.accepted_media_type = CONTENT_TYPE
    return Response(_document(known), known.status_code, headers=_headers(known))


def known_error(error: Exception) -> exceptions.APIException | None:
    """DRF's counterpart of an error; Django's own sentences are for developers and stay inside."""
    match error:
        case exceptions.ParseError():  # Its sentences are English only.
            return _unreadable()
        case exceptions.APIException():
            return error
        case Http404():
            return exceptions.NotFound()
        case django_errors.PermissionDenied():
            return exceptions.PermissionDenied()
        case django_errors.ValidationError():
            return exceptions.ValidationError(get_error_detail(error))
        case django_errors.RequestDataTooBig():
            return Problem(413, "request_too_large", TOO_LARGE_TEXTS)
        case (
            django_errors.SuspiciousOperation()
            | django_errors.BadRequest()
            | MultiPartParserError()
        ):
            return _unreadable()
    return None


def _unreadable() -> Problem:
    return Problem(400, "parse_error", UNREADABLE_TEXTS)


def _document(error: exceptions.APIException) -> dict[str, Any]:
    status, language = error.status_code, current()
    if isinstance(error.detail, list | dict):
        errors = list(field_errors(error.detail))
        detail = INVALID_TEXTS.text(language, {})
        return problem_document(status, INVALID, detail, language, {"errors": errors})
    if isinstance(error, exceptions.Throttled):
        detail = THROTTLED_TEXTS.text(language, {"seconds": getattr(error, "wait", None) or 1})
        return problem_document(status, "throttled", detail, language)
    extra = error.extra if isinstance(error, Problem) else None
    return problem_document(status, str(error.get_codes()), str(error.detail), language, extra)


def field_errors(detail: Any, path: str = "") -> Iterator[dict[str, str]]:
    """One entry for every sentence in DRF's nested details.

    field: the way to the value with dots between, such as `items.0.title`; empty for the whole.
    """
    if isinstance(detail, dict):
        for name, inner in detail.items():
            whole = name == api_settings.NON_FIELD_ERRORS_KEY
            yield from field_errors(inner, path if whole else _step(path, name))
    elif isinstance(detail, list):
        for index, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            yield from field_errors(inner, _step(path, index) if nested else path)
    else:
        yield {"field": path, "code": str(detail.code), "detail": str(detail)}


def _step(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = dict(error.headers) if isinstance(error, Problem) else {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(wait)
    return headers
