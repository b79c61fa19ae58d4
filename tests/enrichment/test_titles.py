"""The names by which the chat recognises titles."""

from __future__ import annotations

import pytest

from enrichment.models import Title
from enrichment.titles import names


@pytest.mark.django_db
def test_a_title_has_its_name_and_its_reading() -> None:
    Title.objects.create(id="C1", title_jp="傾かない耳", title_kana="カタムカナイミミ")
    Title.objects.create(id="C2", title_jp="日常")
    assert sorted(names()) == [("C1", "カタムカナイミミ"), ("C1", "傾かない耳"), ("C2", "日常")]


@pytest.mark.django_db
def test_a_title_is_known_by_who_made_it() -> None:
    Title.objects.create(id="C1", title_jp="傾かない耳", creator="つづき春", original_creator="王")
    assert list(names()) == [("C1", "傾かない耳"), ("C1", "つづき春")]


@pytest.mark.django_db
def test_a_short_name_of_a_creator_is_in_too_many_words() -> None:
    Title.objects.create(id="C1", title_jp="傾かない耳", creator="つづき春、他")
    assert list(names()) == [("C1", "傾かない耳"), ("C1", "つづき春")]
