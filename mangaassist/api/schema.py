"""What the OpenAPI document says of every operation beyond its own parameters and results."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from drf_spectacular import authentication
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ComponentRegistry
from rest_framework import serializers
from rest_framework.permissions import SAFE_METHODS

from mangaassist.api import idempotency, languages
from mangaassist.api.documents import CONTENT_TYPE, TITLES
from mangaassist.language import Language

LANGUAGE = {
    "name": languages.PARAMETER,
    "in": "query",
    "description": "Language of all texts in the answer: `ja` or `en`. Comes before the user's "
    "profile and `Accept-Language`; any other value is ignored. A body may have it instead.",
    "schema": {"type": "string"},
    "examples": {language.value: {"value": language.value} for language in Language},
}
IDEMPOTENCY_KEY = {
    "name": idempotency.HEADER,
    "in": "header",
    "description": "A name for this request, such as a UUID. The same request with the same key "
    f"is carried out once; the answer is given again with `{idempotency.REPLAYED}: true`.",
    "schema": {
        "type": "string",
        "maxLength": idempotency.LONGEST_KEY,
        "pattern": f"^{idempotency.KEY.pattern}$",
    },
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}}}


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One thing wrong with one value of the request."""

    field = serializers.CharField(
        allow_blank=True, help_text="The way to the value, such as `items.0.title`."
    )
    code = serializers.CharField()
    detail = serializers.CharField()


class ProblemSerializer(serializers.Serializer[Any]):
    """An error (RFC 9457). Further members depend on the code."""

    type = serializers.CharField(help_text="Stable name of the kind of problem, a URN.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What is wrong and what to do, for people.")
    code = serializers.CharField(help_text="Short stable name, for programs.")
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]


class OperationSchema(AutoSchema):
    """Adds what all views share: the language, the idempotency key and the problems."""

    def get_operation(
        self,
        path: str,
        path_regex: str,
        path_prefix: str,
        method: str,
        registry: ComponentRegistry,
    ) -> dict[str, Any] | None:
        operation = super().get_operation(path, path_regex, path_prefix, method, registry)
        if operation is None:
            return None
        parameters = [*operation.get("parameters", []), *self._shared_parameters()]
        if parameters:
            operation["parameters"] = parameters
        responses = operation["responses"]
        for status, response in responses.items():
            content = response.get("content", {})
            if int(status) >= 400 and "application/json" in content:
                content[CONTENT_TYPE] = content.pop("application/json")
        for status in self._problems():
            responses.setdefault(str(status), self._problem(status))
        return dict(operation)

    def _shared_parameters(self) -> Iterator[dict[str, Any]]:
        if isinstance(self.view, languages.Localized):
            yield LANGUAGE
        if self._is_idempotent():
            yield IDEMPOTENCY_KEY

    def _problems(self) -> Iterator[int]:
        yield from (400, 401, 403, 406, 429)
        if "{" in self.path:
            yield 404
        if self.method not in SAFE_METHODS:
            yield from (413, 415)
        if self._is_idempotent():
            yield from (409, 422)

    def _problem(self, status: int) -> dict[str, Any]:
        schema = self.resolve_serializer(ProblemSerializer, "response").ref
        return {
            "description": TITLES[status].en,
            "content": {CONTENT_TYPE: {"schema": schema}},
            **({"headers": RETRY_AFTER} if status in (409, 429) else {}),
        }

    def _is_idempotent(self) -> bool:
        handler = getattr(self.view, "action", None) or self.method.lower()
        return bool(getattr(getattr(self.view, handler, None), "is_idempotent", False))


class SessionScheme(authentication.SessionScheme):  # type: ignore[no-untyped-call]
    """Our sessions are described as DRF's are."""

    target_class = "mangaassist.api.authentication.Session"
    priority = 0
