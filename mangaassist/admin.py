"""Pools, workers and users in the Django admin, and what all records there have in common."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_permission_codename
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest

from mangaassist.models import PoolState, Profile, WorkerBeat

admin.site.site_header = admin.site.site_title = "MangaAssist"
admin.site.site_url = None  # The admin is the only site.


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


class ProfileInline(admin.StackedInline[Profile, User]):
    model = Profile
    can_delete = False


admin.site.unregister(User)


@admin.register(User)
class UserWithProfileAdmin(UserAdmin[User]):
    inlines = (ProfileInline,)
