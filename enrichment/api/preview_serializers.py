"""The API's view of a preview and of an admission verdict."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from enrichment.admission import Verdict
from enrichment.estimate import Fit
from enrichment.pace import Basis, Pace
from enrichment.preview import Ends, Preview, Sample
from mangaassist import language
from mangaassist.api.schema import ProblemSerializer


class Rounded(serializers.FloatField):
    """A number without digits that an estimate cannot mean."""

    def to_representation(self, value: float) -> Any:
        return round(value, 4)


class RangeSerializer(serializers.Serializer[Any]):
    """low: if all goes well; expected: as until now; high: if much goes badly."""

    low = Rounded()
    expected = Rounded()
    high = Rounded()


class SampleSerializer(serializers.Serializer[Sample]):
    """One prompt exactly as the model would get it."""

    row = serializers.IntegerField(source="row.number")
    id = serializers.CharField(source="row.title_id")
    system = serializers.CharField(source="prompt.system")
    user = serializers.CharField(source="prompt.user")
    max_tokens = serializers.IntegerField(source="prompt.max_tokens")


class ChangesSerializer(serializers.Serializer[Any]):
    """Good rows by what they would do to the titles already there."""

    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    offer = serializers.IntegerField(help_text="Changed in price, volumes or availability alone.")
    unchanged = serializers.IntegerField()


class EndsSerializer(serializers.Serializer[Ends]):
    """Seconds from now: first if all other jobs wait, last if this one does."""

    first = Rounded()
    last = Rounded()


class VerdictSerializer(serializers.Serializer[Verdict]):
    """Whether the job would be taken now; rates per minute, times in seconds."""

    accepted = serializers.BooleanField()
    status = serializers.IntegerField(help_text="What a confirmation would answer.")
    reason = serializers.CharField(help_text="Empty when it would be taken.")
    detail = serializers.SerializerMethodField()
    pending = serializers.IntegerField()
    rate_per_min = serializers.SerializerMethodField()
    retry_after = serializers.SerializerMethodField()
    suggested_batch_size = serializers.IntegerField(source="suggested")
    eta_seconds = serializers.SerializerMethodField()

    def get_detail(self, verdict: Verdict) -> str:
        return "" if verdict.accepted else verdict.text(language.current())

    def get_rate_per_min(self, verdict: Verdict) -> float:
        return round(60 * verdict.rate, 1)

    def get_retry_after(self, verdict: Verdict) -> int:
        return round(verdict.retry_after.total_seconds())

    def get_eta_seconds(self, verdict: Verdict) -> int | None:
        return None if verdict.eta is None else round(verdict.eta.total_seconds())


class AdmissionProblemSerializer(ProblemSerializer):
    """Why a job is not taken now, and what would be."""

    reason = serializers.CharField(required=False)
    pending = serializers.IntegerField(required=False)
    rate_per_min = serializers.FloatField(required=False)
    retry_after = serializers.IntegerField(required=False, help_text="Seconds.")
    suggested_batch_size = serializers.IntegerField(required=False)


class PaceSerializer(serializers.Serializer[Pace]):
    """How fast items end, and where that is known from."""

    rate_per_min = serializers.SerializerMethodField()
    basis = serializers.ChoiceField([basis.value for basis in Basis])

    def get_rate_per_min(self, pace: Pace) -> float:
        return round(60 * pace.rate, 1)


class BudgetSerializer(serializers.Serializer[Preview]):
    """Whether what the job shall cost at most (USD) is enough."""

    usd = serializers.FloatField(source="budget")
    fit = serializers.ChoiceField(
        [fit.value for fit in Fit],
        help_text="surely: also if much goes badly; probably: if it goes as expected; not: the job "
        "will pause on the way.",
    )
    titles = serializers.IntegerField(
        source="affordable", help_text="About how many it pays for, if it goes as expected."
    )


class PreviewSerializer(serializers.Serializer[Any]):
    """What a job would do, cost (USD) and take (seconds), before anything runs."""

    changes = ChangesSerializer()
    titles = serializers.IntegerField(help_text="Of how many texts would be written.")
    offers = serializers.IntegerField(
        help_text="Titles of which only shop data changed: brought up to date, at no cost."
    )
    samples = SampleSerializer(many=True)
    input_tokens = RangeSerializer()
    output_tokens = RangeSerializer()
    cost_usd = RangeSerializer(source="cost")
    budget = serializers.SerializerMethodField()
    observed_items = serializers.IntegerField(source="observed")
    pace = PaceSerializer()
    starts_in = Rounded(allow_null=True)
    ends_in = EndsSerializer(allow_null=True)
    admission = VerdictSerializer(source="verdict")
    next_weekly_run = serializers.DateTimeField(help_text="When it would start if it were marked.")

    @extend_schema_field(BudgetSerializer(allow_null=True))
    def get_budget(self, preview: Preview) -> Any:
        """Null without a budget."""
        return None if preview.budget is None else BudgetSerializer(preview).data
