"""What a database of an earlier version holds survives its migration."""

from __future__ import annotations

import pytest

from enrichment.models import Job
from enrichment.window import Lane
from tests.migrating import migrate, newest

__all__ = ["newest"]

APP = "enrichment"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.usefixtures("newest")
def test_releases_from_before_staging_are_ready_with_their_rows() -> None:
    old = migrate(APP, "0001_initial")
    title = old.get_model(APP, "Title").objects.create(id="A", title_jp="猫", creator="山田")
    release = old.get_model(APP, "Release").objects.create(name="r.csv", sha256="5" * 64)
    old.get_model(APP, "ReleaseRow").objects.create(release=release, number=2, title=title)

    new = migrate(APP, "0002_staged_releases")
    found = new.get_model(APP, "Release").objects.get()
    assert (found.state, found.fingerprint) == ("ready", "5" * 64)
    row = new.get_model(APP, "ReleaseRow").objects.get()
    assert (row.title_id, row.title_jp, row.creator) == ("A", "猫", "山田")


@pytest.mark.usefixtures("newest")
def test_a_process_of_the_old_version_still_makes_jobs_after_the_migration() -> None:
    old = migrate(APP, "0003_queued_at")
    migrate(APP, "0004_lanes_and_weekly_run")
    release = old.get_model(APP, "Release").objects.create(name="r.csv", sha256="5" * 64)
    job = old.get_model(APP, "Job").objects.create(
        release=release, kinds=[], languages=[], model="m", fingerprint="5" * 64
    )
    assert Job.objects.values_list("lane", flat=True).get(pk=job.pk) == Lane.NORMAL


@pytest.mark.usefixtures("newest")
def test_what_titles_and_rows_had_no_value_for_is_nothing_that_anybody_said() -> None:
    old = migrate(APP, "0011_job_budget")
    old.get_model(APP, "Title").objects.create(id="A", title_jp="猫", creator="山田")
    release = old.get_model(APP, "Release").objects.create(name="r.csv", sha256="5" * 64)
    old.get_model(APP, "ReleaseRow").objects.create(
        release=release, number=2, title_id="A", title_jp="猫", price="748", change="new"
    )
    new = migrate(APP, "0012_what_a_release_leaves_alone")
    columns = ("creator", "price", "note")
    for model, values in (("Title", ("山田", None, None)), ("ReleaseRow", (None, "748", None))):
        assert new.get_model(APP, model).objects.values_list(*columns).get() == values
