"""The trail of what people changed, written in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Model
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from mangaassist.models import AuditEntry

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Facts = Mapping[str, Any]  # as JSON


def record(
    user: User | None,
    action: str,
    row: Model,
    *,
    before: Facts | None = None,
    after: Facts | None = None,
) -> None:
    """Adds one entry; both stay or neither does, so it must be in the change's transaction.

    user: None for what a command or a keeper did; before, after: what differs, None for a row that
    was not there. Raises TransactionManagementError outside a transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise TransactionManagementError(f"{action} is not recorded in its transaction.")
    AuditEntry.objects.create(
        user=user, user_name=user.get_username() if user else "", action=action,
        kind=type(row).__name__.lower(), row=str(row.pk), before=before, after=after,
    )  # fmt: skip


@transaction.atomic
def forget() -> int:
    """Keeper duty: deletes entries older than AUDIT_DAYS, and enters that it did; returns how many.

    Without a number of days all are kept.
    """
    if not settings.AUDIT_DAYS:
        return 0
    before = timezone.now() - timedelta(days=settings.AUDIT_DAYS)
    old = AuditEntry.objects.filter(at__lt=before)
    newest = old.aggregate(newest=Max("pk"))["newest"]
    forgotten, _ = old.delete()
    if forgotten:
        facts = {"entries": forgotten, "days": settings.AUDIT_DAYS}
        record(None, "forget", AuditEntry(pk=newest), after=facts)
    return forgotten
