"""A paused pool: who says so is written down, once."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User

from mangaassist.models import AuditEntry, PoolState
from mangaassist.pausing import pause, resume

pytestmark = pytest.mark.django_db

POOL = "enrichment"


@pytest.fixture
def operator() -> User:
    return User.objects.create_user("sato")


def test_a_pause_names_who_paused_and_is_audited_once(operator: User) -> None:
    assert [pause(POOL, operator), pause(POOL, operator)] == [True, False]
    assert PoolState.objects.get().paused_by == "sato"
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.kind, entry.row, entry.user) == (
        "pause",
        "poolstate",
        POOL,
        operator,
    )


def test_a_resumed_pool_is_as_before(operator: User) -> None:
    pause(POOL, operator)
    assert [resume(POOL, operator), resume(POOL, operator)] == [True, False]
    state = PoolState.objects.get()
    assert (state.paused_at, state.paused_by) == (None, "")
    assert AuditEntry.objects.filter(action="resume").count() == 1


def test_what_nobody_paused_is_not_resumed(operator: User) -> None:
    assert not resume(POOL, operator)
