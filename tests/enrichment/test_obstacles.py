"""Why a job or a file does not get further."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from enrichment import jobs
from enrichment.models import Job, Release
from enrichment.obstacles import obstacles, reading_obstacles
from enrichment.releases import receive
from enrichment.states import State
from mangaassist import blocking
from mangaassist.errors import Misconfigured
from mangaassist.models import PoolState
from mangaassist.pools import ENRICHMENT, MAINTENANCE
from tests.enrichment.factories import job_of, live_worker

pytestmark = pytest.mark.django_db


def received() -> Release:
    return receive("r.csv", io.BytesIO(b"id"))[0]


def test_a_missing_worker_is_an_obstacle() -> None:
    assert "No worker is alive" in obstacles(job_of(State.QUEUED))[0]


def test_a_blocked_pool_is_an_obstacle_with_its_cause() -> None:
    live_worker()
    job = job_of(State.PENDING)
    PoolState.objects.create(pool=ENRICHMENT.name)
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDeniedException", "No GetItem."))
    (told,) = obstacles(job)
    assert "AccessDeniedException: No GetItem." in told


def test_due_items_that_nobody_sends_want_a_keeper() -> None:
    live_worker()
    job = job_of(State.PENDING)
    assert obstacles(job) == []  # A keeper may just not have come yet.
    Job.objects.update(created_at=Now() - timedelta(minutes=1))
    assert "Start a keeper" in obstacles(job)[0]


def test_an_ended_job_that_nobody_closes_wants_a_keeper() -> None:
    live_worker()
    assert "nobody closes" in obstacles(job_of(State.DONE))[0]


def test_items_that_wait_for_their_next_try_meet_no_obstacle() -> None:
    live_worker()
    later = timezone.now() + timedelta(minutes=1)
    assert obstacles(job_of(State.PENDING, not_before=later)) == []


def test_running_items_meet_no_obstacle() -> None:
    live_worker()
    assert obstacles(job_of(State.RUNNING, State.PENDING)) == []


def test_a_pause_is_an_obstacle() -> None:
    live_worker()
    job = job_of(State.PENDING)
    jobs.pause(job.pk)
    job.refresh_from_db()
    assert obstacles(job) == ["The job is paused. Resume it."]


def test_an_obstacle_is_told_in_japanese_too() -> None:
    assert "ワーカー" in obstacles(job_of(State.QUEUED), "ja")[0]


def test_a_file_waits_for_a_maintenance_worker() -> None:
    live_worker()
    assert reading_obstacles(received()) == [
        "No worker is alive. Start one: manage.py worker maintenance"
    ]


def test_a_file_that_just_came_meets_no_obstacle() -> None:
    live_worker(MAINTENANCE)
    assert reading_obstacles(received()) == []


def test_a_file_that_nobody_hands_over_wants_a_keeper() -> None:
    live_worker(MAINTENANCE)
    release = received()
    Release.objects.update(created_at=Now() - timedelta(minutes=1))
    assert "Start a keeper" in reading_obstacles(release)[0]


@pytest.mark.parametrize("state", [Release.State.RECEIVED, Release.State.STAGING])
def test_a_file_whose_lease_ran_out_long_ago_wants_a_keeper(state: Release.State) -> None:
    live_worker(MAINTENANCE)
    release = received()
    release.state = state
    release.lease_until = timezone.now() - timedelta(hours=1)
    release.save()
    assert "Start a keeper" in reading_obstacles(release)[0]


def test_a_file_that_is_read_meets_no_obstacle() -> None:
    release = received()
    release.state = Release.State.READY
    assert reading_obstacles(release) == []
