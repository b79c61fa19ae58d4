"""Releases, jobs and items in the Django admin: to look, to search, to cancel and to retry."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from enrichment import jobs
from enrichment.models import Item, Job, Release, RowError, Title
from enrichment.progress import progress
from enrichment.states import RETRYABLE


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that only the flow itself changes."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [field.name for field in self.model._meta.fields] + list(self.readonly_fields)


@admin.register(Title)
class TitleAdmin(ReadOnly):
    list_display = ("id", "title_jp", "title_kana", "creator", "first_published")
    search_fields = ("id", "title_jp", "title_kana", "creator")


class RowErrorInline(admin.TabularInline[RowError, Release]):
    model = RowError
    fields = readonly_fields = ("number", "field", "reason")
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def reason(self, error: RowError) -> str:
        return error.reason


@admin.register(Release)
class ReleaseAdmin(ReadOnly):
    list_display = ("name", "good_rows", "bad_rows", "created_at", "created_by")
    search_fields = ("name", "sha256")
    date_hierarchy = "created_at"
    inlines = (RowErrorInline,)


@admin.register(Job)
class JobAdmin(ReadOnly):
    list_display = (
        "id",
        "release",
        "state",
        "total",
        "progress",
        "items",
        "created_at",
        "ended_at",
    )
    list_filter = ("state", "created_at")
    list_select_related = ("release",)
    list_per_page = 50
    search_fields = ("release__name",)
    actions = ("cancel", "retry")
    readonly_fields = ("progress", "items")

    @admin.display(description="progress")
    def progress(self, job: Job) -> str:
        now = progress(job)
        return f"{now.done}/{now.total} done, {now.failed} failed, ${now.cost:.4f}"

    @admin.display(description="items")
    def items(self, job: Job) -> SafeString:
        url = reverse("admin:enrichment_item_changelist")
        return format_html('<a href="{}?job__id__exact={}">items</a>', url, job.pk)

    @admin.action(description="Cancel what has not run yet", permissions=["change"])
    def cancel(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        withdrawn = sum(jobs.cancel(job) for job in chosen.values_list("pk", flat=True))
        messages.success(request, f"{withdrawn} items were cancelled; running ones finish.")

    @admin.action(description="Retry failed items", permissions=["change"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Job]) -> None:
        returned = sum(jobs.retry(job) for job in chosen.values_list("pk", flat=True))
        messages.success(request, f"{returned} items will be tried again.")


@admin.register(Item)
class ItemAdmin(ReadOnly):
    list_display = ("id", "title", "job", "state", "tries", "delivery", "code", "cost", "ended_at")
    list_filter = ("state", "code", ("job", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("title", "job__release")
    search_fields = ("title__id", "title__title_jp", "title__title_kana")
    ordering = ("-id",)
    actions = ("retry",)

    @admin.action(description="Retry these items", permissions=["change"])
    def retry(self, request: HttpRequest, chosen: QuerySet[Item]) -> None:
        by_job: dict[int, list[int]] = {}
        for job, item in chosen.filter(state__in=RETRYABLE).values_list("job_id", "pk"):
            by_job.setdefault(job, []).append(item)
        returned = sum(jobs.retry(job, items) for job, items in by_job.items())
        messages.success(request, f"{returned} items will be tried again.")
