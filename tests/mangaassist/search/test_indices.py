"""One index is searched and all that there are take changes, also while another is being built."""

from __future__ import annotations

from typing import Any

import pytest

from mangaassist.errors import Misconfigured
from mangaassist.search import indices
from mangaassist.search.client import opensearch

pytestmark = pytest.mark.usefixtures("either_service")


def test_changes_go_to_an_index_that_is_being_built_and_searches_do_not(own_index: str) -> None:
    new = indices.create()
    assert indices.written() == sorted([own_index, new])
    assert indices.searched() == [own_index]


def test_a_switch_changes_what_is_searched_and_names_the_other_indices(own_index: str) -> None:
    left_over, new = indices.create(), indices.create()
    assert indices.switch(new) == sorted([own_index, left_over])
    assert indices.searched() == [new]
    assert indices.written() == sorted([own_index, left_over, new])


def test_an_index_that_no_alias_leads_to_is_known(own_index: str) -> None:
    stray = f"{indices.alias()}-v1-20260101000000000000"
    opensearch().indices.create(index=stray, body={})
    assert indices.made() == sorted([stray, own_index])
    indices.delete(stray)


def test_without_an_index_somebody_has_to_make_one(settings: Any) -> None:
    settings.OPENSEARCH_INDEX = "nobody-made-it"
    assert indices.searched() == []
    with pytest.raises(Misconfigured, match=r"manage\.py provision"):
        indices.written()
