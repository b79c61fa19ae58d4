"""Changed titles are written into the search index as they are now, and nothing is lost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from enrichment import index_feed, indexing, jobs, unindexed
from enrichment.models import Title, Unindexed
from enrichment.tasks import index_titles
from mangaassist import catalog
from mangaassist.errors import Failure
from mangaassist.search import copies, indices
from mangaassist.search.client import opensearch
from tests.enrichment.factories import make_job, make_release
from tests.enrichment.searching import find, index_all
from tests.incidents.conftest import deliver
from tests.mangaassist.conftest import Account, own_index
from tests.simulator import Simulator

__all__ = ["own_index"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("provisioned", "own_index", "simulator"),
]


def test_a_title_is_indexed_with_its_names_and_with_what_was_written_about_it() -> None:
    title = Title.objects.create(
        id="T1", title_jp="傾かない耳", title_kana="カタムカナイミミ", creator="[作]つづき春"
    )
    made_by = catalog.Provenance(1, 1, "m", "v1", "h", 1, 1, Decimal(0))
    catalog.put("T1", title.attributes(), {"synopsis": {"ja": "港町の漁師の物語。"}}, made_by)
    Unindexed.objects.create(title_id="T1")
    index_all()
    assert find("かたむかないみみ") == find("つづき春") == find("港町の漁師") == ["T1"]
    assert not Unindexed.objects.exists()


def test_a_changed_title_is_found_as_it_is_and_once() -> None:
    Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    index_all()
    Title.objects.update(title_jp="日常の果て")
    Unindexed.objects.create(title_id="T1")
    index_all()
    assert (find("傾かない耳"), find("日常の果て")) == ([], ["T1"])
    assert indices.count(indices.alias()) == 1


def test_a_write_that_was_lost_is_written_again(own_index: str) -> None:
    Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    index_titles(unindexed.take())
    indices.switch(indices.create())
    indices.delete(own_index)
    Unindexed.objects.update(lease_until=None)
    index_titles(unindexed.take())
    assert Unindexed.objects.get().tries == 1
    index_all()
    assert find("傾かない耳") == ["T1"]
    assert not Unindexed.objects.exists()


def test_a_title_that_is_gone_is_found_no_more() -> None:
    title = Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    index_all()
    title.delete()
    Unindexed.objects.create(title_id="T1")
    index_all()
    assert find("傾かない耳") == []


def test_a_job_tells_the_search_of_its_titles_and_of_what_was_written() -> None:
    job = make_job()
    deliver()
    [changed] = Unindexed.objects.values_list("title_id", flat=True)
    assert job.items.get().title_id == changed


def test_the_search_learns_of_titles_when_their_job_begins() -> None:
    release = make_release("id,titleJp\nA-1,傾かない耳\nA-2,日常の果て\n")
    jobs.start(release, jobs.Options(), unattended=False)
    assert set(Unindexed.objects.values_list("title_id", flat=True)) == {"A-1", "A-2"}


def test_a_change_outlives_a_search_that_is_down(settings: Any) -> None:
    Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    settings.OPENSEARCH_URL, right = "http://127.0.0.1:9", settings.OPENSEARCH_URL
    opensearch.cache_clear()
    index_titles(unindexed.take())
    settings.OPENSEARCH_URL = right
    opensearch.cache_clear()
    index_all()
    assert find("傾かない耳") == ["T1"]


def test_a_change_outlives_a_model_that_refuses(simulator: Simulator) -> None:
    Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    simulator.fault("AccessDeniedException", times=1)
    index_titles(unindexed.take())
    assert Unindexed.objects.get().tries == 1
    index_all()
    assert find("傾かない耳") == ["T1"]


def test_a_title_that_the_index_refuses_does_not_hold_up_the_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for id in ("T1", "T2"):
        Title.objects.create(id=id, title_jp=f"傾かない耳 {id}")
        Unindexed.objects.create(title_id=id)
    read = indexing.read

    def with_a_broken_one(ids: list[str]) -> list[copies.Title]:
        broken, *rest = read(ids)
        assert broken.document
        return [copies.Title(broken.id, broken.version, {**broken.document, "odd": 1}), *rest]

    monkeypatch.setattr(indexing, "read", with_a_broken_one)
    index_all()
    assert not Unindexed.objects.exists()
    assert find("傾かない耳 T2") == ["T2"]


def test_a_reindex_between_two_chunks_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    for id in ("T1", "T2"):
        Title.objects.create(id=id, title_jp=f"傾かない耳 {id}")
        Unindexed.objects.create(title_id=id)
    monkeypatch.setattr(indexing, "CHUNK", 1)
    write, used = copies.write, []

    def then_reindex(found: list[copies.Title], into: list[str]) -> dict[str, Failure]:
        used.append(list(into))
        refused = write(found, into)
        if len(used) == 1:
            for old in indices.switch(indices.create()):
                indices.delete(old)
        return refused

    monkeypatch.setattr(copies, "write", then_reindex)
    index_titles(unindexed.take())
    assert used[1] == indices.searched() != used[0]


def test_a_stale_message_costs_no_call(simulator: Simulator) -> None:
    index_titles("nobody")
    assert simulator.stats()["calls"] == 0


def test_the_keepers_message_reaches_a_worker(provisioned: Account) -> None:
    Title.objects.create(id="T1", title_jp="傾かない耳")
    Unindexed.objects.create(title_id="T1")
    assert index_feed.dispatch() == 1
    [batch] = Unindexed.objects.values_list("batch", flat=True)
    index_titles(batch)
    assert find("傾かない耳") == ["T1"]
