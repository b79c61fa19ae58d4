"""Pools and workers in the Django admin."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from mangaassist.models import PoolState, WorkerBeat


class Status(admin.ModelAdmin[Any]):
    """What processes report about themselves; nobody edits it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    has_change_permission = has_delete_permission = has_add_permission  # type: ignore[assignment]


@admin.register(PoolState)
class PoolStateAdmin(Status):
    list_display = ("pool", "blocked_at", "code", "message", "probe_at")


@admin.register(WorkerBeat)
class WorkerBeatAdmin(Status):
    list_display = (
        "worker",
        "pool",
        "in_use",
        "permits",
        "done",
        "failed",
        "last_poll_at",
        "beat_at",
    )
    list_filter = ("pool",)
