"""The API's view of jobs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rest_framework import serializers

from enrichment.kinds import Kind, Language
from enrichment.models import Job
from enrichment.progress import progress


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
    """A job with its progress, counted now, and the rows that were not taken."""

    progress = serializers.SerializerMethodField()
    bad_rows = serializers.IntegerField(source="release.bad_rows")

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "bad_rows", "progress")  # type: ignore[assignment]

    def get_progress(self, job: Job) -> dict[str, Any]:
        now = progress(job)
        return asdict(now) | {"ended": now.ended, "failed": now.failed, "eta_seconds": now.eta}


class JobRequestSerializer(serializers.Serializer[Any]):
    """A file of titles, and what to write about them."""

    file = serializers.FileField()
    kinds = serializers.MultipleChoiceField(
        choices=[k.value for k in Kind], default=lambda: {Kind.SYNOPSIS.value, Kind.TAGS.value}
    )
    languages = serializers.MultipleChoiceField(
        choices=[x.value for x in Language], default=lambda: {Language.JA.value}
    )


class RetryRequestSerializer(serializers.Serializer[Any]):
    """Which failed items to retry; all of the job's when none are named."""

    items = serializers.ListField(
        child=serializers.IntegerField(), required=False, max_length=10_000
    )
