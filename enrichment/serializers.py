"""The API's view of jobs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers
from rest_framework.fields import empty

from enrichment.kinds import Kind
from enrichment.models import Job, Release
from enrichment.progress import progress
from enrichment.states import State
from mangaassist.language import Language

TOLD_ERRORS = 100


def row_errors(release: Release) -> list[dict[str, Any]]:
    """The first errors of a release: row, field, code and the reason in the reader's language."""
    return [
        {"row": error.number, "field": error.field, "code": error.code, "reason": error.reason}
        for error in release.errors.order_by("number", "pk")[:TOLD_ERRORS]
    ]


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as a row of the list."""

    release = serializers.CharField(source="release.name")

    class Meta:
        model = Job
        fields = (
            "id",
            "release",
            "kinds",
            "languages",
            "model",
            "state",
            "total",
            "created_at",
            "ended_at",
        )


class JobDetailSerializer(JobSerializer):
    """A job with its progress, counted now, and the first rows that were not taken."""

    good_rows = serializers.IntegerField(source="release.good_rows")
    bad_rows = serializers.IntegerField(source="release.bad_rows")
    row_errors = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        fields = (  # type: ignore[assignment]
            *JobSerializer.Meta.fields,
            "good_rows",
            "bad_rows",
            "row_errors",
            "progress",
        )

    def get_progress(self, job: Job) -> dict[str, Any]:
        """Items by state, with zeros; rate in items per second, eta in seconds or null."""
        now = progress(job)
        return {
            "done": now.counts.done,
            "failed": now.counts.failed,
            "cancelled": now.counts.cancelled,
            "open": now.counts.open,
            "counts": {state: now.counts.by_state.get(state, 0) for state in State},
            "rate": round(now.rate, 2),
            "eta_seconds": None if now.eta is None else round(now.eta),
            "cost_usd": now.cost,
        }

    def get_row_errors(self, job: Job) -> list[dict[str, Any]]:
        """In the order of the file; each reason is in the language that the client accepts."""
        return row_errors(job.release)


class Choices(serializers.MultipleChoiceField):
    """Several choices; a form that does not name them leaves the default, as JSON does."""

    def get_value(self, dictionary: Mapping[str, Any]) -> Any:
        return super().get_value(dictionary) if self.field_name in dictionary else empty


class JobRequestSerializer(serializers.Serializer[Any]):
    """A file of titles, and what to write about them."""

    file = serializers.FileField()
    kinds = Choices(
        choices=[kind.value for kind in Kind],
        default=lambda: {Kind.SYNOPSIS.value, Kind.TAGS.value},
        allow_empty=False,
    )
    languages = Choices(
        choices=[language.value for language in Language],
        default=lambda: {Language.JA.value},
        allow_empty=False,
    )

    def validate_file(self, file: UploadedFile[Any]) -> UploadedFile[Any]:
        most = settings.UPLOAD_MAX_BYTES
        if (file.size or 0) > most:
            raise serializers.ValidationError([
                f"ファイルが大きすぎます（最大 {most:,} バイト）。分けてアップロードしてください。",
                f"The file is too large (at most {most:,} bytes). Upload it in parts.",
            ])  # fmt: skip
        return file


class RetryRequestSerializer(serializers.Serializer[Any]):
    """Which failed items to retry; all of the job's when none are named."""

    items = serializers.ListField(
        child=serializers.IntegerField(), required=False, max_length=10_000
    )
