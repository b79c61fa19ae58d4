"""The audit trail: in the transaction of the change, or not at all."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from django.db.transaction import TransactionManagementError

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
