"""What the endpoints of releases and jobs have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, cast

from django.db.models import Model, QuerySet
from rest_framework import viewsets
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.permissions import SAFE_METHODS
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from enrichment.api.queries import KEY
from enrichment.roles import ACT, ADD, LOOK, within_reach
from mangaassist.api.languages import Localized
from mangaassist.api.permissions import May

if TYPE_CHECKING:
    from django.contrib.auth.models import User

# Who may do what, before it is asked whose row it is; any one of the permissions is enough.
LOOKERS = (LOOK, ADD, ACT)
WORKERS = (ADD, ACT)

M = TypeVar("M", bound=Model)
Q = TypeVar("Q", bound=Serializer[Any])


class Pages(CursorPagination):
    """Pages by key, newest first: the last page is as fast as the first, and no row comes twice."""

    ordering: str | tuple[str, ...] = "-pk"
    page_size = 50
    page_size_query_param = "limit"
    max_page_size = 500

    def decode_cursor(self, request: Request) -> Any:
        try:
            cursor = super().decode_cursor(request)
        except NotFound as error:
            raise self._refused() from error
        if cursor is not None and cursor.position and not KEY.fullmatch(str(cursor.position)):
            raise self._refused()
        return cursor

    def _refused(self) -> ValidationError:
        return ValidationError({self.cursor_query_param: self.invalid_cursor_message})


class PagesByNumber(Pages):
    """The rows of a file from its beginning."""

    ordering = ("number", "pk")  # A row may have several errors.


class AnyType(JSONRenderer):
    """Lets a client that accepts only the type of a file through; errors are JSON all the same."""

    media_type = "*/*"


class Owned(Localized, viewsets.GenericViewSet[M]):
    """Rows that belong to the user who made them; those of others do not exist for most users."""

    permission_classes = (May,)
    pagination_class = Pages
    lookup_value_regex = "[0-9]{1,18}"

    def within_reach(self, rows: QuerySet[M]) -> QuerySet[M]:
        """What the caller may look at or, for a method that changes something, act on."""
        acting = self.request.method not in SAFE_METHODS
        return within_reach(rows, self.request.user, acting=acting)

    @property
    def user(self) -> User:
        """The caller; nobody gets here without having said who they are."""
        return cast("User", self.request.user)

    def ask(self, query: type[Q]) -> Q:
        """The checked query parameters. Raises ValidationError."""
        asked = query(data=self.request.query_params)
        asked.is_valid(raise_exception=True)
        return asked

    def page(self, rows: QuerySet[Any], serializer: Any) -> Response:
        """One page of other rows that belong to this one."""
        found = self.paginate_queryset(rows)
        return self.get_paginated_response(serializer(found, many=True).data)
