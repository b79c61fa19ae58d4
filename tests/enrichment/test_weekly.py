"""The weekly run starts what is marked, once, and loses nothing."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from itertools import count
from threading import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from enrichment import jobs, weekly
from enrichment.jobs import NothingToEnrich, NotReady, Options
from enrichment.kinds import Kind
from enrichment.models import Change, Item, Job, Release, ScheduledRun, WeeklyMark
from enrichment.releases import forget
from enrichment.window import Lane
from tests.enrichment.factories import live_keeper, live_worker, make_job, make_release

SLOT = datetime(2026, 11, 23, 10, tzinfo=ZoneInfo("Asia/Tokyo"))  # a Monday
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)

numbers = count(1)

pytestmark = pytest.mark.django_db


def at(moment: datetime) -> Callable[[], datetime]:
    return lambda: moment


def marked(titles: int = 1, when: datetime = SLOT - HOUR, user: User | None = None) -> Release:
    """A release with so many titles that was marked then."""
    number = next(numbers)
    rows = "".join(f"W{number}-{row},猫{row}\n" for row in range(titles))
    release = make_release(f"id,titleJp\n{rows}", user)
    weekly.mark(release, Options(), user)
    WeeklyMark.objects.filter(release=release).update(created_at=when)
    return release


def started() -> list[int]:
    """Releases that have a job, in the order in which they got it."""
    return list(Job.objects.order_by("pk").values_list("release", flat=True))


def test_what_is_marked_starts_in_the_low_lane_at_ten() -> None:
    user = User.objects.create(username="staff")
    release = marked(titles=3, user=user)
    assert weekly.run(at(SLOT - timedelta(seconds=1))) == 0
    assert weekly.run(at(SLOT)) == 1
    job = Job.objects.get()
    assert (job.release, job.lane, job.created_by, job.total) == (release, Lane.LOW, user, 3)
    assert job.run == ScheduledRun.objects.get()
    assert not WeeklyMark.objects.exists()


def test_a_run_ends_after_its_last_job_has_started() -> None:
    marked()
    run = ScheduledRun.objects.create(name=weekly.NAME, slot=timezone.now())
    weekly.run()
    run.refresh_from_db()
    assert run.ended_at is not None
    assert run.started_at < Job.objects.get().created_at < run.ended_at


def test_a_late_tick_starts_nothing_twice() -> None:
    marked()
    assert [weekly.run(at(SLOT + late * HOUR)) for late in range(3)] == [1, 0, 0]
    assert ScheduledRun.objects.count() == Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_keepers_at_once_start_each_release_once() -> None:
    for _ in range(6):
        marked()
    together = Barrier(3)

    def keep() -> int:
        try:
            together.wait()
            return weekly.run(at(SLOT))
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as keepers:
        assert sum(keepers.map(lambda _: keep(), range(3))) == 6
    assert (ScheduledRun.objects.count(), Job.objects.count(), Item.objects.count()) == (1, 6, 6)


@pytest.mark.django_db(transaction=True)
def test_the_run_and_somebody_who_confirms_at_once_start_one_job() -> None:
    releases = [marked() for _ in range(6)]
    together = Barrier(2)

    def both(start: Callable[[], object]) -> None:
        try:
            together.wait()
            start()
        finally:
            connection.close()

    def confirm() -> None:
        for release in releases:
            jobs.start(release, Options(), unattended=False)

    with ThreadPoolExecutor(2) as threads:
        list(threads.map(both, (confirm, lambda: weekly.run(at(SLOT)))))
    assert started() == [release.pk for release in releases]
    assert not WeeklyMark.objects.exists()


def test_a_keeper_that_died_in_the_middle_is_continued(monkeypatch: pytest.MonkeyPatch) -> None:
    releases = [marked().pk for _ in range(3)]
    with monkeypatch.context() as dying:
        start = weekly._start

        def die(run: ScheduledRun, mark: int) -> weekly.Step:
            if Job.objects.exists():
                raise SystemExit
            return start(run, mark)

        dying.setattr(weekly, "_start", die)
        with pytest.raises(SystemExit):
            weekly.run(at(SLOT))
    assert started() == releases[:1]
    assert weekly.run(at(SLOT + HOUR)) == 2
    assert started() == releases


def test_a_run_takes_whole_releases_oldest_mark_first(settings: Any) -> None:
    settings.WEEKLY_TITLES = 5
    young = marked(2, SLOT - HOUR).pk
    old, middle = marked(3, SLOT - 3 * HOUR).pk, marked(3, SLOT - 2 * HOUR).pk
    weekly.run(at(SLOT))
    assert started() == [old]
    assert set(WeeklyMark.objects.values_list("reason", flat=True)) == {"full"}
    weekly.run(at(SLOT + HOUR))
    assert started() == [old]
    weekly.run(at(SLOT + WEEK))
    assert started() == [old, middle, young]


def test_a_release_larger_than_a_run_has_one_for_itself(settings: Any) -> None:
    settings.WEEKLY_TITLES = 2
    large, other = marked(5, SLOT - 2 * HOUR).pk, marked().pk
    weekly.run(at(SLOT))
    assert started() == [large]
    weekly.run(at(SLOT + WEEK))
    assert started() == [large, other]


def test_a_full_run_still_tries_what_failed_and_leaves_its_reason(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.WEEKLY_TITLES = 3
    failing, first = marked(1, SLOT - 4 * HOUR), marked(2, SLOT - 3 * HOUR)
    late = marked(2, SLOT - 2 * HOUR)
    start = weekly._start

    def fail(run: ScheduledRun, mark: int) -> weekly.Step:
        if mark == failing.weekly.pk:
            raise OSError("Something broke.")
        return start(run, mark)

    with monkeypatch.context() as breaking:
        breaking.setattr(weekly, "_start", fail)
        assert weekly.run(at(SLOT)) == 1
    reasons = dict(WeeklyMark.objects.values_list("release", "reason"))
    assert reasons == {failing.pk: "unexpected", late.pk: "full"}
    assert weekly.run(at(SLOT + HOUR)) == 1
    assert started() == [first.pk, failing.pk]
    assert ScheduledRun.objects.get().ended_at is not None


def test_what_is_marked_after_ten_waits_for_the_next_week() -> None:
    marked(when=SLOT + timedelta(seconds=1))
    assert weekly.run(at(SLOT + HOUR)) == 0
    assert weekly.run(at(SLOT + WEEK)) == 1


def test_admission_lets_a_run_wait_and_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 2)
    busy = make_job(titles=2)
    release = marked()
    assert weekly.run(at(SLOT)) == 0
    assert WeeklyMark.objects.get(release=release).reason == "backlog"
    busy.items.all().delete()
    assert weekly.run(at(SLOT + HOUR)) == 1


def test_after_its_hours_a_run_leaves_the_rest_for_the_next(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 2)
    busy = make_job(titles=2)
    marked()
    weekly.run(at(SLOT))
    busy.items.all().delete()
    assert weekly.run(at(SLOT + 7 * HOUR)) == 0
    said: Any = caplog.records[-1].msg
    assert (said["event"], said["left"], said["level"]) == ("scheduled_run_ended", 1, "warning")
    assert weekly.run(at(SLOT + WEEK)) == 1


def test_a_release_that_fails_stops_no_other_and_stays_marked(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken, good = marked(when=SLOT - 2 * HOUR), marked()
    start = jobs.start

    def fail(release: Release, *args: Any, **kwargs: Any) -> tuple[Job, bool]:
        if release == broken:
            raise OSError("Something broke.")
        return start(release, *args, **kwargs)

    with monkeypatch.context() as breaking:
        breaking.setattr(jobs, "start", fail)
        assert weekly.run(at(SLOT)) == 1
    assert started() == [good.pk]
    assert WeeklyMark.objects.get().reason == "unexpected"
    assert [record.levelno for record in caplog.records].count(logging.ERROR) == 1
    assert weekly.run(at(SLOT + HOUR)) == 1
    assert started() == [good.pk, broken.pk]


def test_a_slot_that_nobody_began_in_time_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    weekly.run(at(SLOT))
    release = marked(when=SLOT + HOUR)
    for _ in range(2):
        assert weekly.run(at(SLOT + WEEK + 7 * HOUR)) == 0
    told = [record.levelno for record in caplog.records].count(logging.ERROR)
    assert (told, ScheduledRun.objects.get(missed=True).slot) == (1, SLOT + WEEK)
    assert weekly.run(at(SLOT + 2 * WEEK)) == 1
    assert started() == [release.pk]


def test_a_run_takes_nothing_of_a_users_allowance(settings: Any) -> None:
    settings.TITLES_AT_ONCE, settings.TITLES_PER_MINUTE = 1, 1
    user = User.objects.create(username="staff")
    for _ in range(2):
        marked(titles=2, user=user)
    assert weekly.run(at(SLOT)) == 2
    live_worker()
    live_keeper()
    assert jobs.start(make_release("id,titleJp\nA,x\n", user), Options(), user)[1]


def test_without_workers_the_jobs_wait_in_the_database() -> None:
    marked()
    assert weekly.run(at(SLOT)) == 1
    assert Item.objects.get().state == "pending"


def test_what_was_started_by_hand_waits_no_longer() -> None:
    release = marked()
    other = marked()
    jobs.start(release, Options(), unattended=False)
    jobs.start(other, Options([Kind.PITCH]), unattended=False)
    assert WeeklyMark.objects.get().release == other
    assert weekly.run(at(SLOT)) == 1


def test_a_mark_can_be_changed_and_keeps_its_place() -> None:
    release = marked()
    weekly.mark(release, Options([Kind.PITCH]), None)
    mark = WeeklyMark.objects.get()
    assert (mark.kinds, mark.created_at) == (["pitch"], SLOT - HOUR)


def test_a_mark_can_be_taken_away() -> None:
    release = marked()
    assert weekly.unmark(release, None)
    assert not weekly.unmark(release, None)
    assert weekly.run(at(SLOT)) == 0


def test_what_cannot_be_started_cannot_be_marked() -> None:
    release = make_release("id,titleJp\nA,猫\n")
    with pytest.raises(NothingToEnrich):
        weekly.mark(release, Options(changes=[Change.UNCHANGED]), None)
    job, _ = jobs.start(release, Options(), unattended=False)
    with pytest.raises(weekly.AlreadyStarted, match=f"job {job.pk}"):
        weekly.mark(release, Options(), None)
    release.state = Release.State.STAGING
    with pytest.raises(NotReady):
        weekly.mark(release, Options(), None)


def test_a_marked_release_is_not_forgotten() -> None:
    marked()
    Release.objects.update(created_at=Now() - timedelta(days=60))
    assert forget() == 0


def test_a_mark_says_when_it_starts_also_after_its_slot() -> None:
    now = timezone.now()
    release = marked(when=now - 2 * WEEK)
    mark = WeeklyMark.objects.get(release=release)
    assert weekly.next_run_of(mark) == weekly.next_run() > now
