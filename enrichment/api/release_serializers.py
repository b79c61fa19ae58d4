"""The API's view of releases: what is uploaded, what was read, and what a job would cost."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enrichment import bad_rows, weekly
from enrichment.budget import SMALLEST
from enrichment.changes import Change, usual_changes
from enrichment.jobs import Options
from enrichment.kinds import Kind
from enrichment.models import Release, ReleaseRow, RowError, WeeklyMark
from enrichment.obstacles import reading_obstacles
from enrichment.preview import changes
from enrichment.uploads import ReleaseError
from enrichment.uploads.columns import Columns
from enrichment.window import Lane
from mangaassist import language
from mangaassist.language import Language
from mangaassist.messages import Texts

NO_MAPPING = Texts(
    "列から見出しへの JSON オブジェクトにしてください。",
    "Write a JSON object from columns to headers.",
)
EXAMPLES = 5  # rows of one group of errors


class UploadSerializer(serializers.Serializer[Any]):
    """A file of titles, and how to read it where its headers do not tell."""

    file = serializers.FileField()
    mapping = serializers.CharField(
        required=False,
        max_length=10_000,
        help_text='JSON object from column to header, such as {"titleJp": "書籍名"}.',
    )

    def validate_mapping(self, text: str) -> dict[str, str]:
        try:
            mapping = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError(NO_MAPPING.text(language.current(), {})) from error
        if not isinstance(mapping, dict) or not all(isinstance(v, str) for v in mapping.values()):
            raise serializers.ValidationError(NO_MAPPING.text(language.current(), {}))
        try:
            return Columns(mapping).mapping
        except ReleaseError as error:
            raise serializers.ValidationError(error.text(language.current()), error.code) from error


class OptionsSerializer(serializers.Serializer[Any]):
    """What to write, in which languages, and about which rows."""

    kinds = serializers.ListField(
        child=serializers.ChoiceField([kind.value for kind in Kind]),
        default=lambda: [Kind.SYNOPSIS.value, Kind.TAGS.value],
        allow_empty=False,
        max_length=len(Kind),
    )
    languages = serializers.ListField(
        child=serializers.ChoiceField([language.value for language in Language]),
        default=lambda: [Language.JA.value],
        allow_empty=False,
        max_length=len(Language),
    )
    changes = serializers.ListField(
        help_text="Of which rows to write texts: `new`, not written yet; `changed` since; "
        "`unchanged`, to write anew what is written already. A row that changes price, volumes or "
        "availability alone is taken in any case; without a wish for `offer` nothing is written "
        "about it, and it is free.",
        child=serializers.ChoiceField(Change.values),
        default=usual_changes,
        allow_empty=False,
        max_length=len(Change),
    )

    budget_usd = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=SMALLEST, required=False, allow_null=True,
        help_text="What the job may cost; it pauses itself before it costs more.",
    )  # fmt: skip

    @property
    def options(self) -> Options:
        """The valid wish, each choice once."""
        wish = self.validated_data
        return Options(
            kinds=[Kind(kind) for kind in dict.fromkeys(wish["kinds"])],
            languages=[Language(language) for language in dict.fromkeys(wish["languages"])],
            changes=list(dict.fromkeys(wish["changes"])),
            budget=wish.get("budget_usd"),
        )


class ConfirmationSerializer(OptionsSerializer):
    """A job to start now, and whose turn it is."""

    lane = serializers.ChoiceField(
        Lane.choices,
        default=Lane.NORMAL.value,
        help_text="Jobs of the low lane fill what those of the normal one leave, a tenth at least.",
    )


class WeeklySerializer(serializers.ModelSerializer[WeeklyMark]):
    """What shall be written with the weekly run, and why it was not yet."""

    kinds = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    changes = serializers.ListField(child=serializers.CharField())
    budget_usd = serializers.FloatField(source="budget", allow_null=True)
    marked_at = serializers.DateTimeField(source="created_at")
    next_run = serializers.SerializerMethodField()
    detail = serializers.SerializerMethodField()

    class Meta:
        model = WeeklyMark
        fields = (
            "kinds", "languages", "changes", "budget_usd", "marked_at", "next_run", "reason",
            "detail",
        )  # fmt: skip
        read_only_fields = fields

    def get_next_run(self, mark: WeeklyMark) -> datetime:
        """A time in the past: as soon as there is room."""
        return weekly.next_run_of(mark)

    def get_detail(self, mark: WeeklyMark) -> str:
        """The reason as a sentence."""
        return weekly.text_of(mark, language.current())


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """A release as a row of the list."""

    weekly = serializers.SerializerMethodField()
    reason = serializers.CharField(help_text="Why it was refused and what to do.")

    class Meta:
        model = Release
        fields = (
            "id", "name", "size", "state", "code", "reason", "format", "encoding", "good_rows",
            "warned_rows", "bad_rows", "weekly", "created_at",
        )  # fmt: skip
        read_only_fields = fields

    @extend_schema_field(WeeklySerializer(allow_null=True))
    def get_weekly(self, release: Release) -> Any:
        """Null unless it waits for the weekly run."""
        mark = getattr(release, "weekly", None)
        return None if mark is None else WeeklySerializer(mark).data


class ErrorGroupSerializer(serializers.Serializer[Any]):
    """Rows with the same error in the same column."""

    code = serializers.CharField()
    headline = serializers.CharField(help_text="The code in a few words.")
    field = serializers.CharField()
    taken = serializers.BooleanField(help_text="Whether the rows are, without that value.")
    count = serializers.IntegerField()
    rows = serializers.ListField(child=serializers.IntegerField(), help_text="The first ones.")
    reason = serializers.CharField(help_text="Of the first one: what is wrong, and what to do.")


class ReleaseDetailSerializer(ReleaseSerializer):
    """A release with how it was read, its errors by kind, and what is in the way of reading it."""

    changes = serializers.SerializerMethodField()
    error_groups = serializers.SerializerMethodField()
    obstacles = serializers.SerializerMethodField()

    class Meta(ReleaseSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *ReleaseSerializer.Meta.fields,
            "sheet", "mapping", "columns", "ignored_columns", "changes", "error_groups",
            "obstacles",
        )  # fmt: skip
        read_only_fields = fields  # type: ignore[assignment]

    def get_changes(self, release: Release) -> dict[str, int]:
        """Good rows by what they would do to the titles already there."""
        return changes(release)

    @extend_schema_field(ErrorGroupSerializer(many=True))
    def get_error_groups(self, release: Release) -> list[dict[str, Any]]:
        """Those of bad rows first, the most frequent of them at the top."""
        return [
            {
                "code": group.code,
                "headline": group.headline(language.current()),
                "field": group.field,
                "taken": group.taken,
                "count": group.count,
                "rows": group.rows,
                "reason": group.first.reason,
            }
            for group in bad_rows.groups(release, EXAMPLES)
        ]

    def get_obstacles(self, release: Release) -> list[str]:
        """Why a release is not read yet, and what to do."""
        return reading_obstacles(release, language.current())


class RowErrorSerializer(serializers.ModelSerializer[RowError]):
    """One thing wrong with one row; the reason is in the reader's language."""

    row = serializers.IntegerField(source="number")
    reason = serializers.CharField()

    class Meta:
        model = RowError
        fields = ("row", "field", "code", "taken", "reason")
        read_only_fields = fields


class RowSerializer(serializers.ModelSerializer[ReleaseRow]):
    """A good row as it was understood; null is what the file says nothing of."""

    row = serializers.IntegerField(source="number")
    id = serializers.CharField(source="title_id")
    titleJp = serializers.CharField(source="title_jp")
    titleKana = serializers.CharField(source="title_kana", allow_null=True)
    originalCreator = serializers.CharField(source="original_creator", allow_null=True)
    firstPublished = serializers.CharField(source="first_published", allow_null=True)

    class Meta:
        model = ReleaseRow
        fields = (
            "row", "change", "id", "titleJp", "titleKana", "creator", "originalCreator",
            "firstPublished", "note", "volumes", "price", "availability",
        )  # fmt: skip
        read_only_fields = fields
