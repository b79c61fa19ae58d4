"""Starting jobs."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from enrichment import jobs
from enrichment.jobs import Options
from enrichment.kinds import Kind
from enrichment.models import Change, Item, Job, Release, Title, Unindexed
from mangaassist import blocking
from mangaassist.errors import Misconfigured
from mangaassist.language import Language
from mangaassist.models import WorkerBeat
from mangaassist.pools import ENRICHMENT
from mangaassist.presence import KEEPERS
from tests.enrichment.factories import live_keeper, live_worker, make_job, make_release, make_title

CSV = b"id,titleJp\nA-1,\xe7\x8c\xab\nA-2,\xe7\x8a\xac\n"
SYNOPSIS = [Kind.SYNOPSIS]
JAPANESE = [Language.JA]


@pytest.fixture(autouse=True)
def keeper(db: None) -> None:
    """A keeper is alive, so that only workers are wanting."""
    live_keeper()


def release(text: bytes = CSV) -> Release:
    return make_release(text)


def start(taken: Release, kinds: list[Kind] = SYNOPSIS) -> Job:
    return jobs.start(taken, Options(kinds, JAPANESE), unattended=False)[0]


@pytest.mark.django_db
def test_a_job_has_a_pending_item_for_every_title() -> None:
    job = start(release())
    assert job.total == 2
    assert set(job.items.values_list("title", "state")) == {("A-1", "pending"), ("A-2", "pending")}


@pytest.mark.django_db
def test_the_same_file_and_options_are_the_same_job() -> None:
    live_worker()
    first, new = jobs.start(release(), Options([Kind.SYNOPSIS, Kind.TAGS], JAPANESE))
    second, again = jobs.start(release(), Options([Kind.TAGS, Kind.SYNOPSIS], JAPANESE))
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


@pytest.mark.django_db
def test_a_job_takes_only_the_chosen_changes() -> None:
    make_title("A-1", title_jp="犬")
    taken = release()
    job, _ = jobs.start(taken, Options(changes=[Change.NEW]), unattended=False)
    assert list(job.items.values_list("title", flat=True)) == ["A-2"]


@pytest.mark.django_db
def test_a_choice_without_rows_is_no_job() -> None:
    with pytest.raises(jobs.NothingToEnrich) as caught:
        jobs.start(release(), Options(changes=[Change.CHANGED]), unattended=False)
    assert "条件" in caught.value.text("ja")
    assert "Choose others" in caught.value.text("en")
    assert not Title.objects.exists()


@pytest.mark.django_db
def test_the_newest_job_describes_its_titles_anew() -> None:
    start(release(b"id,titleJp,creator\nA-1,x,y\n"))
    start(release(b"id,titleJp,creator\nA-1,z,\n"))
    assert Title.objects.values_list("title_jp", "creator").get() == ("z", "")


@pytest.mark.django_db
def test_what_a_release_has_no_column_for_stays_as_it_is() -> None:
    start(release(b"id,titleJp,creator,price\nA-1,x,y,748\n"))
    start(release(b"id,titleJp,price\nA-1,z,\n"))
    assert Title.objects.values_list("title_jp", "creator", "price").get() == ("z", "y", "")


def repriced() -> Release:
    """A release in which one known title has another price, and another title is new."""
    start(release(b"id,titleJp,price\nA-1,x,748\n"))
    Unindexed.objects.all().delete()
    return release(b"id,titleJp,price\nA-1,x,800\nA-2,y,\n")


@pytest.mark.django_db
def test_a_title_of_which_the_price_alone_changes_gets_no_text() -> None:
    job = start(repriced())
    assert dict(job.items.values_list("title", "offer_only")) == {"A-1": True, "A-2": False}
    assert (job.total, Title.objects.get(pk="A-1").price) == (2, "800")
    assert [one.title_id for one in Unindexed.objects.all()] == ["A-2"]


@pytest.mark.django_db
def test_what_is_free_goes_before_what_uses_the_budget_up() -> None:
    start(release(b"id,titleJp,price\nA-1,x,748\n"))
    job = start(release(b"id,titleJp,price\nA-2,y,\nA-1,x,800\nA-3,z,\n"))
    assert list(job.items.order_by("pk").values_list("title", flat=True)) == ["A-1", "A-2", "A-3"]


@pytest.mark.django_db
def test_prices_are_taken_whatever_rows_texts_are_wished_of() -> None:
    job, _ = jobs.start(repriced(), Options(changes=[Change.UNCHANGED]), unattended=False)
    assert (job.total, job.changes, job.items.get().offer_only) == (1, [], True)


@pytest.mark.django_db
def test_somebody_who_wishes_so_gets_new_texts_with_a_new_price() -> None:
    job, _ = jobs.start(repriced(), Options(changes=[Change.OFFER]), unattended=False)
    assert (job.total, job.items.get().offer_only) == (1, False)


@pytest.mark.django_db
def test_what_is_written_already_is_not_bought_again_unless_somebody_wishes_so() -> None:
    start(release(b"id,titleJp\nA-1,x\nA-2,y\n"))
    again = release(b"id,titleJp\nA-1,x\nA-2,z\nA-3,new\n")
    job = start(again)
    assert set(job.items.values_list("title", flat=True)) == {"A-2", "A-3"}
    everything, _ = jobs.start(again, Options(changes=Change.values), unattended=False)
    assert everything.total == 3


@pytest.mark.django_db
def test_a_file_in_which_nothing_is_new_says_how_to_write_it_anew() -> None:
    start(release(b"id,titleJp\nA-1,x\n"))
    with pytest.raises(jobs.NothingToEnrich) as caught:
        start(release(b"titleJp,id\nx,A-1\n"))
    assert "変更なし" in caught.value.text("ja")
    assert "unchanged" in caught.value.text("en")


@pytest.mark.django_db
def test_an_older_release_does_not_describe_titles_again() -> None:
    older, newer = release(b"id,titleJp\nA-1,old\n"), release(b"id,titleJp\nA-1,new\n")
    start(newer)
    assert start(older).total == 1
    assert Title.objects.get().title_jp == "new"


@pytest.mark.django_db
def test_other_words_for_the_same_rows_are_the_same_job() -> None:
    taken = release()
    first, _ = jobs.start(taken, Options(), unattended=False)
    assert first.changes == ["new"]
    wish = Options(changes=[Change.UNCHANGED, Change.NEW])
    assert jobs.start(taken, wish, unattended=False) == (first, False)


@pytest.mark.django_db(transaction=True)
def test_of_many_jobs_at_once_only_what_a_user_may_begin_is_taken(settings: Any) -> None:
    settings.TITLES_AT_ONCE, settings.TITLES_PER_MINUTE = 1, 1
    user = User.objects.create(username="client")
    live_worker()
    made = [release(f"id,titleJp\nA-{n},x\nB-{n},y\n".encode()) for n in range(5)]

    def attempt(taken: Release) -> bool:
        try:
            return jobs.start(taken, Options(), user)[1]
        except jobs.NotAdmitted:
            return False
        finally:
            connection.close()

    with ThreadPoolExecutor(5) as threads:
        assert sum(threads.map(attempt, made)) == 1


@pytest.mark.django_db
def test_a_paused_job_keeps_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("enrichment.admission.MOST_PENDING", 2)
    live_worker()
    jobs.pause(make_job(titles=2).pk)
    assert jobs.start(release(), Options())[1]


@pytest.mark.django_db
def test_items_stand_in_the_order_of_the_file() -> None:
    job = start(release(b"id,titleJp\nB,x\nA,y\nC,z\n"))
    assert list(job.items.order_by("pk").values_list("title", flat=True)) == ["B", "A", "C"]


@pytest.mark.django_db
@pytest.mark.parametrize("state", [state for state in Release.State if state != "ready"])
def test_a_release_that_is_not_read_has_no_job(state: Release.State) -> None:
    taken = release()
    taken.state = state
    with pytest.raises(jobs.NotReady):
        start(taken)


@pytest.mark.django_db
def test_a_job_that_nobody_would_work_on_is_not_taken() -> None:
    with pytest.raises(jobs.NotAdmitted) as caught:
        jobs.start(release(), Options())
    assert caught.value.verdict.reason == "no_workers"
    assert not Job.objects.exists()


@pytest.mark.django_db
def test_a_job_that_nobody_would_hand_out_is_not_taken() -> None:
    live_worker()
    WorkerBeat.objects.filter(pool=KEEPERS).delete()
    with pytest.raises(jobs.NotAdmitted) as caught:
        jobs.start(release(), Options())
    assert caught.value.verdict.reason == "no_keeper"


@pytest.mark.django_db
def test_a_blocked_pool_takes_no_job_and_says_why() -> None:
    live_worker()
    blocking.block(ENRICHMENT.name, Misconfigured("AccessDeniedException", "No {GetItem}."))
    with pytest.raises(jobs.NotAdmitted) as caught:
        jobs.start(release(), Options())
    assert "AccessDeniedException: No {GetItem}." in caught.value.text("en")


@pytest.mark.django_db
def test_a_user_cannot_begin_more_than_the_consumers_end(settings: Any) -> None:
    settings.TITLES_AT_ONCE, settings.TITLES_PER_MINUTE = 2, 2
    user = User.objects.create(username="client")
    live_worker()
    jobs.start(release(), Options(), user)
    with pytest.raises(jobs.NotAdmitted) as caught:
        jobs.start(release(b"id,titleJp\nC,x\nD,y\n"), Options(), user)
    assert caught.value.verdict.reason == "user_rate"
    assert 0 < caught.value.verdict.retry_after.total_seconds() <= 30


@pytest.mark.django_db(transaction=True)
def test_jobs_with_the_same_titles_in_another_order_do_not_lock_each_other_out() -> None:
    rows = [f"T-{number:03},{number}" for number in range(400)]
    made = [release(f"id,titleJp\n{chr(10).join(some)}\n".encode()) for some in (rows, rows[::-1])]
    together = Barrier(2)

    def attempt(taken: Release) -> int:
        try:
            together.wait()
            return start(taken).total
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(attempt, made)) == [400, 400]


@pytest.mark.django_db(transaction=True)
def test_ten_at_once_make_one_job() -> None:
    live_worker()
    ready = release()

    def attempt(_: int) -> tuple[int, int, bool]:
        try:
            job, new = jobs.start(ready, Options(SYNOPSIS, JAPANESE))
            return ready.pk, job.pk, new
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        seen = list(threads.map(attempt, range(10)))
    assert len({(taken, job) for taken, job, _ in seen}) == 1
    assert [new for _, _, new in seen].count(True) == 1
    assert (Release.objects.count(), Job.objects.count(), Item.objects.count()) == (1, 1, 2)
