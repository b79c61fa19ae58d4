"""The audit trail: in the transaction of the change, or not at all."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from mangaassist import audit
from mangaassist.models import AuditEntry, PoolState


@pytest.mark.django_db(transaction=True)
def test_nothing_is_recorded_outside_a_transaction() -> None:
    with pytest.raises(TransactionManagementError):
        audit.record(None, "open", PoolState(pool="enrichment"))
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_an_entry_goes_with_a_change_that_is_taken_back() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit.record(None, "open", PoolState(pool="enrichment"))
        raise ZeroDivisionError
    assert not AuditEntry.objects.exists()


@pytest.mark.django_db
def test_an_entry_keeps_the_name_of_somebody_who_is_gone() -> None:
    user = User.objects.create_user("sato")
    audit.record(user, "open", PoolState(pool="enrichment"), before={"a": 1}, after={"a": 2})
    user.delete()
    entry = AuditEntry.objects.get()
    assert (entry.user, entry.user_name, entry.kind, entry.row) == (
        None, "sato", "poolstate", "enrichment",
    )  # fmt: skip
    assert (entry.before, entry.after) == ({"a": 1}, {"a": 2})


@pytest.mark.django_db
def test_old_entries_are_forgotten_and_that_is_entered(settings: Any) -> None:
    settings.AUDIT_DAYS = 30
    now = timezone.now()
    old = [entry_at(now - timedelta(days=days)) for days in (40, 31)]
    kept = entry_at(now - timedelta(days=29))
    assert [audit.forget(), audit.forget()] == [2, 0]
    first, told = AuditEntry.objects.order_by("pk")
    assert first == kept
    assert (told.user, told.action, told.row) == (None, "forget", str(old[1].pk))
    assert told.after == {"entries": 2, "days": 30}


@pytest.mark.django_db
def test_without_a_number_of_days_the_trail_is_kept_for_ever(settings: Any) -> None:
    settings.AUDIT_DAYS = 0
    entry_at(timezone.now() - timedelta(days=10_000))
    assert audit.forget() == 0
    assert AuditEntry.objects.count() == 1


def entry_at(at: datetime) -> AuditEntry:
    return AuditEntry.objects.create(at=at, action="pause", kind="job", row="1")
