"""An index is built anew while the old one is searched, whatever comes between."""

from __future__ import annotations

import threading
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from enrichment import reindexing, unindexed
from enrichment.indexing import CHUNK
from enrichment.models import Title, Unindexed
from enrichment.reindexing import reindex
from enrichment.tasks import index_titles
from mangaassist.embedding import MODEL
from mangaassist.errors import Misconfigured, Temporary
from mangaassist.search import copies, indices
from mangaassist.search.client import opensearch
from tests.enrichment.searching import find
from tests.mangaassist.conftest import lagging, own_index
from tests.simulator import Simulator

__all__ = ["lagging", "own_index"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("provisioned", "own_index", "simulator"),
]


@pytest.fixture(autouse=True)
def hastily(monkeypatch: pytest.MonkeyPatch) -> None:
    """All servers know of a switch at once."""
    monkeypatch.setattr(reindexing, "FAREWELL", 0.0)


def make_titles(number: int) -> None:
    Title.objects.bulk_create(
        Title(id=f"T{n:04}", title_jp=f"傾かない耳 第{n}巻") for n in range(number)
    )


def change(id: str, name: str) -> None:
    """A title changes, and a worker writes it into the indices that there are."""
    Title.objects.filter(pk=id).update(title_jp=name)
    Unindexed.objects.create(title_id=id)
    index_titles(unindexed.take())


def quiet(written: int, total: int) -> None:
    """Nobody looks at the progress."""


def test_a_new_index_has_every_title_and_the_old_one_is_gone(own_index: str) -> None:
    make_titles(3)
    seen: list[tuple[int, int]] = []
    name = reindex(lambda written, total: seen.append((written, total)))
    assert seen == [(0, 3), (3, 3)]
    assert find("傾かない耳 第1巻")[0] == "T0001"
    assert indices.searched() == indices.written() == [name]
    assert not opensearch().indices.exists(index=own_index)


def test_searches_find_a_title_at_any_time_of_a_reindex() -> None:
    make_titles(2 * CHUNK)
    reindex(quiet)
    done, answers = threading.Event(), []

    def search() -> None:
        while not done.is_set():
            answers.append(find("傾かない耳 第7巻")[:1])

    searching = threading.Thread(target=search)
    searching.start()
    try:
        reindex(quiet)
        reindex(quiet)
    finally:
        done.set()
        searching.join()
    assert answers and all(answer == ["T0007"] for answer in answers)


def test_a_change_during_a_reindex_is_in_the_new_index_and_never_undone() -> None:
    make_titles(CHUNK + 1)
    reindex(quiet)

    def meanwhile(written: int, total: int) -> None:
        if written == 0:
            change(f"T{CHUNK:04}", "日常の果て")  # that is not read yet
        if written == CHUNK:
            change("T0000", "猫の手")  # that was read before

    reindex(meanwhile)
    assert find("日常の果て") == [f"T{CHUNK:04}"]
    assert find("猫の手") == ["T0000"]


def test_an_interrupted_reindex_leaves_the_old_index_and_can_be_repeated(own_index: str) -> None:
    make_titles(1)

    def stop(written: int, total: int) -> None:
        if written:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reindex(stop)
    assert indices.searched() == [own_index]
    name = reindex(quiet)
    assert indices.searched() == indices.written() == [name]


def test_of_a_title_that_was_written_twice_one_copy_is_left() -> None:
    make_titles(CHUNK + 1)
    reindex(lambda written, total: change("T0000", "猫の手") if written == CHUNK else None)
    assert indices.count(indices.alias()) == CHUNK + 1
    assert find("猫の手") == ["T0000"]


def test_searches_go_to_an_index_only_when_it_shows_every_title(lagging: None) -> None:
    indices.switch(indices.create())
    make_titles(3)
    name = reindex(quiet)
    assert indices.searched() == [name]
    assert [find(f"傾かない耳 第{n}巻")[0] for n in range(3)] == ["T0000", "T0001", "T0002"]


def test_an_index_that_does_not_show_every_title_is_not_switched_to(
    own_index: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_titles(1)
    monkeypatch.setattr(reindexing, "SEEN_WITHIN", 0.0)
    monkeypatch.setattr(copies, "write", lambda titles, into: {})
    with pytest.raises(Temporary, match="index_incomplete"):
        reindex(quiet)
    assert indices.searched() == [own_index]


def test_an_index_that_no_alias_leads_to_is_deleted(own_index: str) -> None:
    stray = f"{indices.alias()}-v1-20260101000000000000"
    opensearch().indices.create(index=stray, body={})
    assert indices.made() == sorted([stray, own_index])
    assert [reindex(quiet)] == indices.made()


def test_a_busy_model_is_waited_for(monkeypatch: pytest.MonkeyPatch, simulator: Simulator) -> None:
    monkeypatch.setattr(reindexing, "PAUSES", (0.0, 0.0))
    simulator.fault("ThrottlingException", model=MODEL, times=2)
    make_titles(1)
    reindex(quiet)
    assert find("傾かない耳 第0巻") == ["T0000"]


def test_an_index_that_another_reindex_deleted_is_not_switched_to(own_index: str) -> None:
    make_titles(1)

    def other(written: int, total: int) -> None:
        if written:
            [new] = set(indices.written()) - {own_index}
            opensearch().indices.delete_alias(index=new, name=indices.all_written())

    with pytest.raises(Misconfigured, match="index_gone"):
        reindex(other)
    assert indices.searched() == [own_index]


def test_the_command_tells_its_progress_and_where_searches_go() -> None:
    make_titles(2)
    out = StringIO()
    call_command("reindex", stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0].startswith("2 of 2 titles")
    assert lines[-1] == f"Searches go to {indices.searched()[0]} now."


def test_the_command_says_what_to_repair(settings: Any) -> None:
    settings.OPENSEARCH_INDEX = "nobody-made-it"
    with pytest.raises(CommandError, match=r"manage\.py provision"):
        call_command("reindex", stdout=StringIO())
