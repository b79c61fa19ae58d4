"""Starting, cancelling and retrying jobs."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from enrichment import jobs, releases
from enrichment.closing import close_jobs
from enrichment.kinds import Kind
from enrichment.models import Item, Job, Release
from enrichment.states import OPEN, State
from mangaassist.language import Language
from tests.enrichment.factories import make_job

CSV = b"id,titleJp\nA-1,\xe7\x8c\xab\nA-2,\xe7\x8a\xac\n"
SYNOPSIS = [Kind.SYNOPSIS]
JAPANESE = [Language.JA]


def release(text: bytes = CSV) -> Release:
    return releases.take("titles.csv", io.BytesIO(text))


def start(taken: Release, kinds: list[Kind] = SYNOPSIS) -> Job:
    return jobs.start(taken, kinds, JAPANESE)[0]


def settle(job: Job, *states: State) -> None:
    """Puts the items of a job into these states."""
    for item, state in zip(job.items.order_by("pk"), states, strict=True):
        Item.objects.filter(pk=item.pk).update(state=state, tries=6)


@pytest.mark.django_db
def test_a_job_has_a_pending_item_for_every_title() -> None:
    job = start(release())
    assert job.total == 2
    assert set(job.items.values_list("title", "state")) == {("A-1", "pending"), ("A-2", "pending")}


@pytest.mark.django_db
def test_the_same_file_and_options_are_the_same_job() -> None:
    first, new = jobs.start(release(), [Kind.SYNOPSIS, Kind.TAGS], JAPANESE)
    second, again = jobs.start(release(), [Kind.TAGS, Kind.SYNOPSIS], JAPANESE)
    assert (new, again) == (True, False)
    assert first == second
    assert Item.objects.count() == 2


@pytest.mark.django_db
def test_other_options_are_another_job() -> None:
    assert start(release()) != start(release(), [Kind.PITCH])


@pytest.mark.django_db
def test_another_model_is_another_job(settings: pytest.FixtureRequest) -> None:
    first = start(release())
    settings.ENRICHMENT_MODEL = "anthropic.claude-3-haiku-20240307-v1:0"  # type: ignore[attr-defined]
    assert start(release()) != first


@pytest.mark.django_db
def test_a_cancelled_job_does_not_stand_in_the_way_of_a_new_one() -> None:
    first = start(release())
    jobs.cancel(first.pk)
    assert start(release()) != first


@pytest.mark.django_db
def test_a_release_without_good_rows_has_no_job() -> None:
    bad = release(b"id,titleJp\n!,x\n?,y\n")
    with pytest.raises(jobs.NothingToEnrich) as caught:
        start(bad)
    assert not Job.objects.exists()
    assert "2 行" in caught.value.text("ja")
    assert "all 2" in caught.value.text("en")


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_release_and_one_job() -> None:
    def attempt(_: int) -> tuple[int, int, bool]:
        try:
            taken = release()
            job, new = jobs.start(taken, SYNOPSIS, JAPANESE)
            return taken.pk, job.pk, new
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        seen = list(threads.map(attempt, range(10)))
    assert len({(taken, job) for taken, job, _ in seen}) == 1
    assert [new for _, _, new in seen].count(True) == 1
    assert (Release.objects.count(), Job.objects.count(), Item.objects.count()) == (1, 1, 2)


@pytest.mark.django_db
def test_cancelling_withdraws_what_no_worker_has() -> None:
    job = make_job(titles=4)
    settle(job, State.PENDING, State.QUEUED, State.RUNNING, State.DONE)
    assert jobs.cancel(job.pk) == 2
    states = job.items.order_by("pk").values_list("state", flat=True)
    assert list(states) == ["cancelled", "cancelled", "running", "done"]


@pytest.mark.django_db
def test_an_ended_job_cannot_be_cancelled() -> None:
    job = make_job()
    settle(job, State.DONE)
    close_jobs()
    assert jobs.cancel(job.pk) == 0
    job.refresh_from_db()
    assert job.state == Job.State.DONE


@pytest.mark.django_db
@pytest.mark.parametrize("state", [State.FAILED, State.REFUSED, State.QUARANTINED])
def test_a_retry_opens_the_job_and_gives_fresh_tries(state: State) -> None:
    job = make_job(titles=2)
    settle(job, State.DONE, state)
    close_jobs()
    assert jobs.retry(job.pk) == 1
    job.refresh_from_db()
    assert (job.state, job.ended_at, job.counts, job.mailed_at) == ("open", None, None, None)
    assert job.items.get(state__in=OPEN).tries == 0


@pytest.mark.django_db
def test_a_retry_may_name_its_items() -> None:
    job = make_job(titles=2)
    settle(job, State.FAILED, State.FAILED)
    chosen = job.items.order_by("pk")[1]
    assert jobs.retry(job.pk, [chosen.pk]) == 1
    assert job.items.get(state=State.PENDING) == chosen


@pytest.mark.django_db
def test_a_retry_touches_no_item_of_another_job() -> None:
    job, other = make_job(), make_job()
    settle(other, State.FAILED)
    assert jobs.retry(job.pk, [other.items.get().pk]) == 0


@pytest.mark.django_db
def test_a_cancelled_job_is_not_retried() -> None:
    job = make_job()
    settle(job, State.FAILED)
    jobs.cancel(job.pk)
    assert jobs.retry(job.pk) == 0
