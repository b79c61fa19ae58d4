"""A release file in the database."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.contrib.auth.models import User
from django.db import connection

from enrichment import releases
from enrichment.models import Release, ReleaseRow, RowError, Title
from enrichment.uploads import ReleaseError


def csv(*rows: str) -> io.BytesIO:
    return io.BytesIO("\n".join(["id,titleJp,creator", *rows]).encode())


@pytest.mark.django_db
def test_good_rows_become_titles_and_bad_ones_errors() -> None:
    user = User.objects.create(username="staff")
    release = releases.take("r.csv", csv("A,猫,山田", "!,犬,", "B,鳥,"), user)
    assert (release.good_rows, release.bad_rows, release.created_by) == (2, 1, user)
    assert list(release.rows.order_by("number").values_list("number", "title")) == [
        (2, "A"),
        (4, "B"),
    ]
    assert list(release.errors.values_list("number", "field", "code")) == [(3, "id", "bad_id")]


@pytest.mark.django_db
def test_the_counts_are_what_the_database_keeps() -> None:
    release = releases.take("r.csv", csv("A,猫,", "!,犬,"))
    release.refresh_from_db()
    assert (release.good_rows, release.bad_rows) == (1, 1)


@pytest.mark.django_db
def test_a_newer_release_describes_a_title_anew() -> None:
    releases.take("old.csv", csv("A,猫,山田"))
    releases.take("new.csv", csv("A,犬,鈴木"))
    assert Title.objects.values_list("title_jp", "creator").get() == ("犬", "鈴木")


@pytest.mark.django_db
def test_the_same_bytes_are_the_same_release_whatever_their_name() -> None:
    first = releases.take("a.csv", csv("A,猫,"))
    assert releases.take("b.csv", csv("A,猫,")) == first
    assert ReleaseRow.objects.count() == 1


@pytest.mark.django_db
def test_rows_come_in_chunks_and_none_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(releases, "CHUNK", 2)
    release = releases.take("r.csv", csv("A,1,", "B,2,", "!,3,", "C,4,", "D,5,"))
    assert release.rows.count() == 4
    assert release.errors.count() == 1


@pytest.mark.django_db
def test_nothing_is_stored_of_a_file_that_cannot_be_read_to_its_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(releases, "CHUNK", 1)
    with pytest.raises(ReleaseError):
        releases.take("r.csv", io.BytesIO(b"id,titleJp\nA,x\nB,\xff\n"))
    assert not Release.objects.exists()
    assert not Title.objects.exists()
    assert not RowError.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["b\udcffd.csv", "長" * 300 + ".csv"])
def test_a_file_may_have_any_name(name: str) -> None:
    assert releases.take(name, csv("A,猫,")).name.endswith(".csv")


@pytest.mark.django_db
def test_a_reason_is_in_the_language_of_its_reader() -> None:
    from django.utils import translation

    error = releases.take("r.csv", csv("!,猫,")).errors.get()
    with translation.override("ja"):
        assert "使えない文字" in error.reason
    with translation.override("en"):
        assert "not allowed" in error.reason


@pytest.mark.django_db(transaction=True)
def test_two_files_with_the_same_titles_in_another_order_do_not_lock_each_other_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(releases, "CHUNK", 20)
    rows = [f"T-{number:03},題{number}," for number in range(400)]
    together = Barrier(2)

    def take(given: list[str]) -> int:
        try:
            together.wait()
            return releases.take("r.csv", csv(*given)).good_rows
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(take, [rows, rows[::-1]])) == [400, 400]
