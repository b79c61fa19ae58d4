"""A process of the version before goes on working while the new one is deployed."""

from __future__ import annotations

import pytest
from django.utils import timezone

from mangaassist.models import AlarmState, PoolState
from tests.migrating import migrate, newest

__all__ = ["newest"]

APP = "mangaassist"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("newest")
def test_a_process_of_the_old_version_still_writes_pools_and_alarms() -> None:
    old = migrate(APP, "0004_alarms")
    migrate(APP, "0009_alarm_handling")
    old.get_model(APP, "PoolState").objects.get_or_create(pool="p")
    alarms, now = old.get_model(APP, "AlarmState"), timezone.now()
    for state in ("OK", "ALARM"):
        row = alarms(
            name="a", kind="a", severity="warning", state=state, since=now, watched_since=now
        )
        alarms.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["name"], update_fields=["state"]
        )
    assert PoolState.objects.get(pool="p").paused_by == ""
    found = AlarmState.objects.get(name="a")
    assert (found.state, found.muted_by, found.acknowledged_by) == ("ALARM", "", "")
