"""The side filters of the item list; cheap however many items there are."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from enrichment.models import Item, Job
from enrichment.states import RETRYABLE

NEWEST = 20  # jobs that are offered


def offered(request: HttpRequest) -> QuerySet[Job]:
    """The newest jobs, and the one that is chosen."""
    newest = Job.objects.order_by("-pk").values_list("pk", flat=True)[:NEWEST]
    chosen = request.GET.get("job", "")
    wanted = {*newest, *([int(chosen)] if chosen.isdecimal() else [])}
    return Job.objects.filter(pk__in=wanted).select_related("release").order_by("-pk")


class ByJob(SimpleListFilter):
    title = "job"
    parameter_name = "job"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(job.pk), f"#{job.pk} {job.release.name}") for job in offered(request)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        value = self.value()
        return queryset.filter(job=int(value)) if value and value.isdecimal() else queryset


class ByCause(SimpleListFilter):
    """By the code of what failed for good."""

    title = "cause"
    parameter_name = "code"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        failed = Item.objects.filter(job__in=list(offered(request)), state__in=RETRYABLE)
        return [(code, code) for code in failed.values_list("code", flat=True).distinct() if code]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        value = self.value()
        return queryset.filter(code=value) if value else queryset
