"""manage.py alive: what a container's health check asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db.models.functions import Now

from mangaassist.activity import HOST, WORKER
from mangaassist.models import WorkerBeat
from mangaassist.presence import LOST_AFTER, beat

STARTED = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)

pytestmark = pytest.mark.django_db


def test_a_process_that_beats_on_this_machine_is_alive() -> None:
    beat("enrichment", STARTED)
    call_command("alive", "enrichment")


def test_the_beats_of_another_pool_do_not_count() -> None:
    beat("moderation", STARTED)
    with pytest.raises(CommandError, match=f"No enrichment on {HOST} has beaten within 20 s"):
        call_command("alive", "enrichment")


def test_the_beats_of_another_machine_do_not_count() -> None:
    beat("keeper", STARTED)
    WorkerBeat.objects.filter(worker=WORKER).update(worker=f"{HOST}-2:1")
    with pytest.raises(CommandError, match="No keeper"):
        call_command("alive", "keeper")


def test_a_beat_of_long_ago_does_not_count() -> None:
    beat("keeper", STARTED)
    WorkerBeat.objects.update(beat_at=Now() - LOST_AFTER - timedelta(seconds=1))
    with pytest.raises(CommandError, match="No keeper"):
        call_command("alive", "keeper")
