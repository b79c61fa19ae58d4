"""A release file in the database, whole and not yet read."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from enrichment import releases
from enrichment.models import Release, ReleasePart
from enrichment.releases import KEPT_FOR, contents, forget, receive
from tests.enrichment.factories import make_job, make_release

CSV = b"id,titleJp\nA,x\n"


def file(content: bytes = CSV) -> io.BytesIO:
    return io.BytesIO(content)


@pytest.mark.django_db
def test_a_file_is_kept_until_somebody_reads_it() -> None:
    user = User.objects.create(username="staff")
    release, new = receive("r.csv", file(), user, {"titleJp": "x"})
    assert (release.state, new, release.size) == (Release.State.RECEIVED, True, len(CSV))
    assert (release.created_by, release.mapping) == (user, {"titleJp": "x"})


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 25])
def test_the_bytes_come_back_as_they_were(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "PART", 10)
    content = bytes(range(size))
    release, _ = receive("r.csv", file(content))
    assert ReleasePart.objects.count() == -(-size // 10)
    with contents(release) as found:
        assert found.read() == content


@pytest.mark.django_db
def test_the_same_bytes_are_the_same_release_whatever_their_name() -> None:
    first, _ = receive("a.csv", file())
    assert receive("b.csv", file()) == (first, False)


@pytest.mark.django_db
def test_other_users_and_other_mappings_have_releases_of_their_own() -> None:
    users = [User.objects.create(username=name) for name in ("a", "b")]
    made = [receive("r.csv", file(), user)[0] for user in users]
    made.append(receive("r.csv", file(), users[0], {"titleJp": "書名"})[0])
    assert len({release.pk for release in made}) == 3


@pytest.mark.django_db
def test_a_refused_file_may_be_uploaded_again() -> None:
    first, _ = receive("r.csv", file())
    Release.objects.update(state=Release.State.REFUSED)
    second, new = receive("r.csv", file())
    assert (new, first == second) == (True, False)


@pytest.mark.django_db
def test_a_release_without_a_job_is_forgotten_after_a_month() -> None:
    with_job = make_job().release
    old, new = make_release("id,titleJp\nA,x\n!,y\n"), make_release("id,titleJp\nB,x\n")
    long_ago = timezone.now() - KEPT_FOR - timedelta(days=1)
    Release.objects.filter(pk__in=[with_job.pk, old.pk]).update(created_at=long_ago)
    assert forget() == 1
    assert set(Release.objects.all()) == {with_job, new}


@pytest.mark.django_db
def test_a_release_that_is_uploaded_again_is_kept_for_another_month() -> None:
    first, _ = receive("a.csv", file())
    Release.objects.update(created_at=timezone.now() - KEPT_FOR - timedelta(days=1))
    assert receive("a.csv", file()) == (first, False)
    assert forget() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["b\udcffd.csv", "長" * 300 + ".csv", "a\x00.csv"])
def test_a_file_may_have_any_name(name: str) -> None:
    assert receive(name, file())[0].name.endswith(".csv")


@pytest.mark.django_db(transaction=True)
def test_the_same_file_uploaded_twice_at_once_is_one_release() -> None:
    together = Barrier(4)

    def upload(_: int) -> tuple[int, bool]:
        try:
            together.wait()
            release, new = receive("r.csv", file(CSV * 1_000))
            return release.pk, new
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(upload, range(4)))
    assert len({pk for pk, _ in answers}) == 1
    assert sum(new for _, new in answers) == 1
    assert ReleasePart.objects.count() == 1
