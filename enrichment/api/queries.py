"""The query parameters that narrow lists."""

from __future__ import annotations

import re
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from rest_framework import serializers

from enrichment.export import EXPORTS
from enrichment.models import Change, Item, Job, Release, ReleaseRow
from enrichment.states import State
from enrichment.window import Lane

KEY = re.compile("[0-9]{1,18}")

M = TypeVar("M", bound=Model)


class ReleaseQuery(serializers.Serializer[Any]):
    """Releases in one state."""

    state = serializers.ChoiceField(Release.State.choices, required=False)

    def narrow(self, rows: QuerySet[Release]) -> QuerySet[Release]:
        return rows.filter(**self.validated_data)


class RowQuery(serializers.Serializer[Any]):
    """Good rows that would do the same to the catalogue."""

    change = serializers.ChoiceField(Change.choices, required=False)

    def narrow(self, rows: QuerySet[ReleaseRow]) -> QuerySet[ReleaseRow]:
        return rows.filter(**self.validated_data)


class JobQuery(serializers.Serializer[Any]):
    """Jobs in one state or lane, of one release, or with a text in their name."""

    state = serializers.ChoiceField(Job.State.choices, required=False)
    lane = serializers.ChoiceField(Lane.choices, required=False)
    release = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1)
    q = serializers.CharField(
        required=False, max_length=100, help_text="The number of a job, or a part of a file's name."
    )

    def narrow(self, rows: QuerySet[Job]) -> QuerySet[Job]:
        word, rows = _exactly(self, rows)
        if not word:
            return rows
        number = word.removeprefix("#")
        wanted = Q(release__name__icontains=word)
        return rows.filter(wanted | Q(pk=int(number)) if KEY.fullmatch(number) else wanted)


class ItemQuery(serializers.Serializer[Any]):
    """Items in one state, with one code, or whose title has a word in it."""

    state = serializers.ChoiceField(State.choices, required=False)
    code = serializers.CharField(required=False, max_length=100)
    q = serializers.CharField(
        required=False, max_length=100, help_text="An id, or a part of a title or its reading."
    )

    def narrow(self, rows: QuerySet[Item]) -> QuerySet[Item]:
        word, rows = _exactly(self, rows)
        if not word:
            return rows
        return rows.filter(
            Q(title=word) | Q(title__title_jp__contains=word) | Q(title__title_kana__contains=word)
        )


class ExportQuery(serializers.Serializer[Any]):
    """The format of a file."""

    format = serializers.ChoiceField(sorted(EXPORTS), default="csv")


def _exactly(
    query: serializers.Serializer[Any], rows: QuerySet[M]
) -> tuple[str | None, QuerySet[M]]:
    """The text that is searched for, and the rows that all other parameters leave."""
    exact = {name: value for name, value in query.validated_data.items() if name != "q"}
    return query.validated_data.get("q"), rows.filter(**exact)
