"""The figures that capacity rests on: what the last items needed, or a sound guess."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from enrichment.capacity import Conditions, Figure, Source
from enrichment.estimate import LEAST_OBSERVED
from enrichment.models import Item
from enrichment.states import State
from mangaassist import claude, metrics
from mangaassist.limiter.quota import quota_of
from mangaassist.metrics import samples
from mangaassist.models import MetricSample
from mangaassist.pools import ENRICHMENT

RECENT = 500  # items
LATELY = timedelta(hours=1)
ASSUMED_SECONDS = 2.0  # of a call: the runbooks' figure
NONE_YET = "no items have been enriched yet"
ASSUMED_READ, ASSUMED_WRITTEN = 900, 300  # tokens of a call


def conditions(parallel: int | None = None, latency: float | None = None) -> Conditions:
    """parallel, latency: given ones instead of the pool's and the measured one."""
    measured = _measured()
    calls, seconds, tokens = measured or (
        Figure(1.0, Source.ASSUMED, "one call a title"),
        Figure(ASSUMED_SECONDS, Source.ASSUMED, NONE_YET),
        Figure(_quota_tokens(ASSUMED_READ, ASSUMED_WRITTEN), Source.ASSUMED, NONE_YET),
    )
    model = settings.ENRICHMENT_MODEL
    allowed = quota_of(model)
    return Conditions(
        parallel=(
            Figure(ENRICHMENT.parallel, Source.SET, "of the enrichment pool")
            if parallel is None
            else Figure(parallel, Source.GIVEN)
        ),
        reserve=Figure(ENRICHMENT.slots, Source.SET, "of the enrichment pool"),
        latency=(_call_seconds() or seconds) if latency is None else Figure(latency, Source.GIVEN),
        calls=calls,
        tokens=tokens,
        request_quota=Figure(allowed.requests * 60, Source.SET, f"BEDROCK_QUOTA of {model}"),
        token_quota=Figure(allowed.tokens * 60, Source.SET, f"BEDROCK_QUOTA of {model}"),
    )


def _call_seconds() -> Figure | None:
    """The mean of the last hour's calls; None without any."""
    of = samples.text({"ModelId": settings.ENRICHMENT_MODEL, "Pool": ENRICHMENT.name})
    found = MetricSample.objects.filter(
        name=metrics.INVOCATION_LATENCY.name, dimensions=of, at__gt=timezone.now() - LATELY
    ).aggregate(count=Sum("count"), total=Sum("total"))
    if not found["count"]:
        return None
    mean = found["total"] / found["count"] / 1_000
    return Figure(mean, Source.MEASURED, f"{found['count']:,} calls of the last hour")


def _measured() -> tuple[Figure, Figure, Figure] | None:
    """Calls of a title, seconds and tokens of a call; None for too few items.

    Only of items that ran once: the others keep the calls of all runs and the time of the last one.
    """
    once = Item.objects.filter(state=State.DONE, calls__gt=0, tries=0, snoozes=0, crashes=0)
    items = list(once.filter(ended_at__isnull=False).order_by("-ended_at")[:RECENT])
    if len(items) < LEAST_OBSERVED:
        return None
    calls = sum(item.calls for item in items)
    seconds = sum(
        (item.ended_at - item.started_at).total_seconds()
        for item in items
        if item.started_at and item.ended_at
    )
    tokens = sum(_quota_tokens(item.input_tokens, item.output_tokens) for item in items)
    detail = f"the last {len(items)} items"
    return (
        Figure(calls / len(items), Source.MEASURED, detail),
        Figure(seconds / calls, Source.MEASURED, f"{detail}, their wait for a permit included"),
        Figure(tokens / calls, Source.MEASURED, detail),
    )


def _quota_tokens(read: int, written: int) -> int:
    return claude.find(settings.ENRICHMENT_MODEL).quota_tokens(read, written)
