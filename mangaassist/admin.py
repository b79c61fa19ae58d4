"""Alarms, pools, workers and users in the Django admin, and what all records there share."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html

from mangaassist import language
from mangaassist.alarms.parsing import defined
from mangaassist.alarms.texts import reason, runbook
from mangaassist.models import AlarmEvent, AlarmState, PoolState, Profile, WorkerBeat

admin.site.site_header = admin.site.site_title = "MangaAssist"
admin.site.site_url = "/dashboard/"


class ReadOnly(admin.ModelAdmin[Any]):
    """Rows that only the flow itself writes; a form would write back what it read long ago."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) or self.has_act_permission(request)

    def has_act_permission(self, request: HttpRequest) -> bool:
        """Whether the user may use the actions: Django's permission to change the model."""
        name = get_permission_codename("change", self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{name}"))


@admin.register(PoolState)
class PoolStateAdmin(ReadOnly):
    list_display = ("pool", "blocked_at", "code", "message", "probe_at")


@admin.register(WorkerBeat)
class WorkerBeatAdmin(ReadOnly):
    list_display = (
        "worker",
        "pool",
        "in_use",
        "permits",
        "done",
        "failed",
        "beat_at",
    )
    list_filter = ("pool",)


@admin.register(AlarmState)
class AlarmStateAdmin(ReadOnly):
    """Sorted as the model is: ALARM before OK, critical before warning."""

    list_display = ("state", "severity", "name", "says", "value", "rings", "since", "to_do")
    list_display_links = ("name",)
    list_filter = ("state", "severity", "kind")
    list_per_page = 200
    search_fields = ("name",)
    fields = readonly_fields = (
        "name", "severity", "state", "since", "says", "means", "value", "rings", "look", "to_do",
        "evaluated_at", "watched_since",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[AlarmState]:
        """Only alarms that are still defined."""
        return super().get_queryset(request).filter(name__in=defined())

    @admin.display(description="says")
    def says(self, row: AlarmState) -> str:
        return defined()[row.name].title.text(language.current(), {})

    @admin.display(description="means")
    def means(self, row: AlarmState) -> str:
        return defined()[row.name].meaning.text(language.current(), {})

    @admin.display(description="rings")
    def rings(self, row: AlarmState) -> str:
        alarm = defined()[row.name]
        return f"{alarm.comparison} {alarm.threshold:g}"

    @admin.display(description="first command")
    def look(self, row: AlarmState) -> str:
        return defined()[row.name].look

    @admin.display(description="runbook")
    def to_do(self, row: AlarmState) -> str:
        if "://" not in settings.RUNBOOK_URL:
            return runbook(row.kind)
        return format_html('<a href="{}">{}</a>', runbook(row.kind), row.kind)


@admin.register(AlarmEvent)
class AlarmEventAdmin(ReadOnly):
    list_display = ("at", "alarm", "severity", "before", "state", "value", "threshold", "cause")
    list_filter = ("state", "severity", "kind", "at")
    search_fields = ("alarm", "cause")
    date_hierarchy = "at"
    ordering = ("-id",)
    fields = readonly_fields = (
        "at", "alarm", "severity", "before", "state", "value", "threshold", "why", "cause",
        "mailed_at", "posted_at",
    )  # fmt: skip

    @admin.display(description="reason")
    def why(self, event: AlarmEvent) -> str:
        return reason(event, language.current())


class ProfileInline(admin.StackedInline[Profile, User]):
    model = Profile
    can_delete = False


admin.site.unregister(User)


@admin.register(User)
class UserWithProfileAdmin(UserAdmin[User]):
    inlines = (ProfileInline,)
