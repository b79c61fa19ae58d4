"""The API's view of jobs, their items and the causes of failures."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enrichment.budget import SMALLEST
from enrichment.causes import Cause
from enrichment.models import Item, Job
from enrichment.obstacles import obstacles
from enrichment.progress import Progress, progress
from enrichment.states import State
from enrichment.window import Lane
from mangaassist import language


class JobSerializer(serializers.ModelSerializer[Job]):
    """A job as a row of the list."""

    release = serializers.IntegerField(source="release_id")
    name = serializers.CharField(source="release.name")
    kinds = serializers.ListField(child=serializers.CharField())
    languages = serializers.ListField(child=serializers.CharField())
    changes = serializers.ListField(child=serializers.CharField())
    budget_usd = serializers.FloatField(source="budget", allow_null=True)
    held = serializers.BooleanField(help_text="Paused, because its budget is used up.")

    class Meta:
        model = Job
        fields = (
            "id", "release", "name", "kinds", "languages", "changes", "model", "lane", "state",
            "budget_usd", "held", "total", "created_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class CountsSerializer(serializers.Serializer[Any]):
    """Items by state, with zeros."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {state.value: serializers.IntegerField() for state in State}


class ProgressSerializer(serializers.Serializer[Progress]):
    """rate: items per second lately; eta_seconds: null while nothing moves."""

    done = serializers.IntegerField(source="counts.done")
    failed = serializers.IntegerField(source="counts.failed")
    cancelled = serializers.IntegerField(source="counts.cancelled")
    open = serializers.IntegerField(source="counts.open")
    counts = serializers.SerializerMethodField()
    rate = serializers.SerializerMethodField()
    eta_seconds = serializers.SerializerMethodField()
    cost_usd = serializers.FloatField(source="cost")

    @extend_schema_field(CountsSerializer)
    def get_counts(self, now: Progress) -> dict[str, int]:
        return {state: now.counts.by_state.get(state, 0) for state in State}

    def get_rate(self, now: Progress) -> float:
        return round(now.rate, 2)

    def get_eta_seconds(self, now: Progress) -> int | None:
        return None if now.eta is None else round(now.eta)


class JobDetailSerializer(JobSerializer):
    """A job with its progress, counted now, and what is in its way."""

    progress = serializers.SerializerMethodField()
    obstacles = serializers.SerializerMethodField()

    class Meta(JobSerializer.Meta):
        fields = (*JobSerializer.Meta.fields, "progress", "obstacles")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @extend_schema_field(ProgressSerializer)
    def get_progress(self, job: Job) -> dict[str, Any]:
        return dict(ProgressSerializer(progress(job)).data)

    def get_obstacles(self, job: Job) -> list[str]:
        """Why an open job does not get further, and what to do."""
        return [] if job.ended_at else obstacles(job, language.current())


class ConfirmedJobSerializer(JobDetailSerializer):
    """A job that was just taken, or was there already."""

    eta_seconds = serializers.IntegerField(
        allow_null=True,
        help_text="Until all that waits now has ended; null when nobody knows.",
    )

    class Meta(JobDetailSerializer.Meta):
        fields = (*JobDetailSerializer.Meta.fields, "eta_seconds")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class ChangedJobSerializer(JobDetailSerializer):
    """A job after an action; `changed` tells how many items it touched."""

    changed = serializers.IntegerField()

    class Meta(JobDetailSerializer.Meta):
        fields = (*JobDetailSerializer.Meta.fields, "changed")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]


class ItemSerializer(serializers.ModelSerializer[Item]):
    """One title in one job; cost in USD."""

    title = serializers.CharField(source="title_id")
    titleJp = serializers.CharField(source="title.title_jp")
    cost_usd = serializers.FloatField(source="cost")
    offer_only = serializers.BooleanField(help_text="Only shop data changed: no text, no call.")

    class Meta:
        model = Item
        fields = (
            "id", "title", "titleJp", "offer_only", "state", "code", "message", "tries", "snoozes",
            "crashes", "delivery", "calls", "input_tokens", "output_tokens", "cost_usd",
            "not_before", "started_at", "ended_at",
        )  # fmt: skip
        read_only_fields = fields


class CauseSerializer(serializers.Serializer[Cause]):
    """Items that failed, or wait after a failure, for the same reason."""

    state = serializers.ChoiceField(State.choices)
    code = serializers.CharField()
    count = serializers.IntegerField()
    message = serializers.CharField(source="example.message", help_text="Of the newest item.")
    example = serializers.IntegerField(source="example.pk", help_text="The newest item.")
    retryable = serializers.BooleanField()
    fix = serializers.SerializerMethodField()

    def get_fix(self, cause: Cause) -> str:
        """What is known to help."""
        return cause.fix.text(language.current(), {})


class LaneSerializer(serializers.Serializer[Any]):
    """Where a job shall go on."""

    lane = serializers.ChoiceField(Lane.choices)


class JobBudgetSerializer(serializers.Serializer[Any]):
    """What a job may cost from its beginning on; null: whatever it does."""

    budget_usd = serializers.DecimalField(
        max_digits=8, decimal_places=2, min_value=SMALLEST, allow_null=True
    )


class RetrySerializer(serializers.Serializer[Any]):
    """Which failed items to retry: named ones, or those of one cause; all when neither is given."""

    items = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=2**63 - 1),
        required=False,
        max_length=10_000,
    )
    code = serializers.CharField(required=False, max_length=100)
